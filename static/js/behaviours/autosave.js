// Saves a form while it is filled in: 2 seconds after the last key, every 8 while one goes on typing.
//   <form data-behaviour="autosave submit-once" data-lost="Not saved: …" data-reload="Save to see both texts." data-stopped="Not saved any more: …">
//   <input name="revision"> … <span data-saved></span>
// The address of the form answers JSON: {"revision": 4, "said": "Saved at 14:03"}, 409 {"overtaken": "Changed by … at …"} or {"refused": "…"}.
// After these two, or any other refusal (signed out meanwhile), nothing is sent by itself any more: the button shows what there is to decide.
// Who presses the button while something is on its way waits for it: else the two would look like two people. So this comes before submit-once.

const PAUSE = 2000;
const LONGEST = 8000;
const RETRY = 5000;
const LONGEST_WAIT = 8000;
const PASSING = [429, 500, 502, 503, 504]; // it may work in a moment

export default function autosave(form) {
  const said = form.querySelector("[data-saved]");
  const revision = form.elements.namedItem("revision");
  let timer = null;
  let since = null;
  let sending = false;
  let dirty = false;
  let over = false;
  let pressed = null; // the button that waits for what is on its way
  let line = null;

  function plan(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  function typed() {
    if (over) return;
    dirty = true;
    since ??= Date.now();
    plan(Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())));
  }

  async function save() {
    if (sending || over || !dirty || form.hasAttribute("aria-busy")) return;
    sending = true;
    dirty = false;
    since = null;
    const body = new FormData(form);
    for (const field of form.querySelectorAll("input[type=file]")) body.delete(field.name);
    line = new AbortController();
    try {
      const answer = await fetch(form.action, {
        method: "POST", body, headers: { Accept: "application/json" }, redirect: "error", signal: line.signal,
      });
      if (PASSING.includes(answer.status)) throw new Error(answer.statusText);
      const told = await answer.json();
      if (answer.ok) {
        revision.value = told.revision;
        said.textContent = told.said;
      } else {
        over = dirty = true;
        said.textContent = told.overtaken ? `${told.overtaken} ${form.dataset.reload}` : told.refused ?? form.dataset.stopped;
      }
    } catch {
      dirty = true;
      said.textContent = form.dataset.lost;
      plan(RETRY);
    } finally {
      sending = false;
    }
    if (pressed) return form.requestSubmit(pressed);
    if (dirty && !over) typed();
  }

  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (sending) {
      event.preventDefault();
      pressed = event.submitter;
      setTimeout(() => line.abort(), LONGEST_WAIT);
    } else dirty = false;
  });
  addEventListener("beforeunload", (event) => { if (dirty && !form.hasAttribute("aria-busy")) event.preventDefault(); });
}
