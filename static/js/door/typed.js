// Where a scanner's letters fall into a field that has the focus: remembers the field before the burst, and puts it back.

const WRITABLE = "input, textarea, select";

export class TypedInto {
  remember() {
    const field = document.activeElement;
    this.before = field?.matches(WRITABLE) ? { field, value: field.value } : null;
  }

  putBack() {
    if (this.before) this.before.field.value = this.before.value;
    this.before = null;
  }
}
