// The list under a combobox (ARIA pattern "list autocomplete with manual selection"): arrows move, Enter takes, Escape closes.

export class Listbox {
  #items = [];
  #at = -1;

  constructor(input, list, pattern, onChoose) {
    Object.assign(this, { input, list, pattern, onChoose });
    list.id ||= `${input.id}-list`;
    list.setAttribute("role", "listbox");
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
      input.setAttribute(name, value);
    }
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => this.close());
    // pressing must not take the focus away before the click arrives
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => this.#take([...list.children].indexOf(event.target.closest("[role=option]"))));
  }

  show(items) {
    this.#items = items;
    this.#at = -1;
    this.list.replaceChildren(...items.map((item, at) => this.#option(item, at)));
    this.list.hidden = !items.length;
    this.input.setAttribute("aria-expanded", String(Boolean(items.length)));
    this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    this.show([]);
  }

  #option(item, at) {
    const option = this.pattern.content.cloneNode(true).firstElementChild;
    option.id = `${this.list.id}-${at}`;
    option.setAttribute("aria-selected", "false");
    for (const slot of option.querySelectorAll("[data-slot]")) slot.textContent = item[slot.dataset.slot] ?? "";
    return option;
  }

  #move(step) {
    const count = this.#items.length;
    this.#at = this.#at < 0 && step < 0 ? count - 1 : (this.#at + step + count) % count;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === this.#at)));
    const option = this.list.children[this.#at];
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  #take(at) {
    const item = this.#items[at];
    this.close();
    if (item) this.onChoose(item);
  }

  #key(event) {
    if (this.list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#move(step);
    else if (event.key === "Enter" && this.#at >= 0) this.#take(this.#at);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }
}
