// Reviewing without a mouse: digits score the criterion one is at and go on to the next, arrows move, u says "cannot judge",
// c and p go to the comments, Ctrl+Enter submits, ? shows the list of keys. Counts the criteria that are answered.
//   <form data-behaviour="review-keys"> <fieldset data-criterion> <input type="radio"> … <details data-help> … <span data-scored="{n} of {all}"><span>

export default function reviewKeys(form) {
  const criteria = [...form.querySelectorAll("[data-criterion]")];
  const help = form.querySelector("[data-help]");
  const scored = form.querySelector("[data-scored]");
  const submit = form.querySelector("button[formaction]");
  let at = Math.max(0, criteria.findIndex((one) => !one.querySelector("input:checked")));

  function mark(scroll) {
    criteria.forEach((one, index) => one.toggleAttribute("data-now", index === at));
    if (scroll) criteria[at]?.scrollIntoView({ block: "nearest" });
  }

  function count() {
    if (!scored) return;
    const done = criteria.filter((one) => one.querySelector("input:checked")).length;
    scored.lastElementChild.textContent = scored.dataset.scored.replace("{n}", done).replace("{all}", criteria.length);
  }

  function move(step) {
    at = Math.min(Math.max(at + step, 0), criteria.length - 1);
    mark(true);
    (criteria[at].querySelector("input:checked") ?? criteria[at].querySelector("input")).focus({ preventScroll: true });
  }

  function choose(value) {
    const input = criteria[at]?.querySelector(`input[value="${value}"]`);
    if (!input || input.disabled) return false;
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    if (value === "unable") criteria[at].querySelector("input[type=text]").focus();
    else if (at < criteria.length - 1) move(1);
    return true;
  }

  function writing(element) {
    return element.matches("textarea, input[type=text], select");
  }

  form.addEventListener("focusin", (event) => {
    const index = criteria.findIndex((one) => one.contains(event.target));
    if (index >= 0) { at = index; mark(false); }
  });
  form.addEventListener("change", count);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && submit) {
      event.preventDefault();
      form.requestSubmit(submit);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target)) return;
    const key = event.key.toLowerCase();
    let taken = true;
    if (/^\d$/.test(key)) taken = choose(key);
    else if (key === "arrowdown") move(1);
    else if (key === "arrowup") move(-1);
    else if (key === "u") choose("unable");
    else if (key === "c") form.elements.namedItem("to_committee").focus();
    else if (key === "p") form.elements.namedItem("to_proposer").focus();
    else if (key === "?" && help) help.open = !help.open;
    else taken = false;
    if (taken) event.preventDefault();
  });

  mark(false);
  count();
}
