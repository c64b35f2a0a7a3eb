// Copies a field that holds a link.
//   <div data-behaviour="copy"> <input readonly value="https://…"> <button type="button" hidden>Copy</button> <span role="status" data-said="Copied"></span>
// The button is hidden until it can work. Where the clipboard is refused, the field is selected for copying by hand.

const SAID_FOR = 3000;

export default function copy(box) {
  const field = box.querySelector("input, textarea");
  const button = box.querySelector("button");
  const said = box.querySelector("[data-said]");

  button.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard.writeText(field.value);
    said.textContent = said.dataset.said;
    setTimeout(() => { said.textContent = ""; }, SAID_FOR);
  });
  button.hidden = !navigator.clipboard;
}
