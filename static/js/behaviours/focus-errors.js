// The error summary: gets the focus on load; its links focus the field and bring the field's label into view.
//   <div class="error-summary" data-behaviour="focus-errors" tabindex="-1"> <a href="#email">…</a>
// A link may point to a field or to the first choice of a group.

export default function focusErrors(summary) {
  summary.addEventListener("click", (event) => {
    const hash = event.target.closest("a[href^='#']")?.hash;
    const field = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    const label = field.closest("fieldset")?.querySelector("legend") ?? field.labels?.[0] ?? field;
    label.scrollIntoView();
    field.focus({ preventScroll: true });
  });
  summary.tabIndex = -1;
  summary.focus();
}
