// A form that can be sent once.
//   <form data-behaviour="submit-once"> <button data-busy="Sending…">Send</button>
// The pressed button shows its data-busy words; coming back to the page by the history makes it ready again.
// The button is not disabled: a disabled one would lose focus, and its name and value would not be sent.

export default function submitOnce(form) {
  let pressed = null;
  let label = [];

  function busy(button) {
    pressed = button;
    if (!button?.dataset.busy) return;
    label = [...button.childNodes];
    button.style.minInlineSize = `${button.offsetWidth}px`;
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.busy;
  }

  function ready() {
    if (label.length) pressed.replaceChildren(...label);
    pressed?.removeAttribute("aria-disabled");
    form.removeAttribute("aria-busy");
    pressed = null;
    label = [];
  }

  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("aria-busy")) return event.preventDefault();
    if (event.defaultPrevented) return;
    form.setAttribute("aria-busy", "true");
    // after the browser has gathered the fields
    setTimeout(() => busy(event.submitter), 0);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) ready(); });
}
