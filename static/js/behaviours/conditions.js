// Shows a question only to those it is asked of. The server decides again by the same tests (eventreg/core/questions/conditions.py).
//   <form data-behaviour="conditions" data-facts='{"sector": ["civil_society"]}'>
//     <div data-when='{"match": "all", "tests": [{"question": "sector", "op": "is", "values": ["civil_society"]}]}'> …
// A question's answer is read from the field of its name on this page (an organiser's own: "q_" and the name), else from data-facts.
// What a hidden question holds counts as no answer, and stays in case it is shown again. A number is read as the server reads it
// (eventreg/core/questions/judging.py), with digits of any script; a file that was handed in before has a button to remove it.

const DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/g;

export function number(typed) {
  const line = typed.replace(DIGITS, (digit) => String(digit.codePointAt(0) & 15)).replace("\u2212", "-").replace("\u066b", ".");
  const plain = line.replace(/[\p{Cf}\s]/gu, "").replace(",", ".");
  return /^-?\d{1,12}(\.\d{0,2})?$/.test(plain) ? String(Number(plain) || 0) : "";
}

function valuesOf(field) {
  if (field.type === "file") return field.files.length || field.form.querySelector(`[name=remove][value="${field.name.slice(2)}"]`) ? ["file"] : [];
  if (field.inputMode === "decimal") return [number(field.value)];
  if (field.matches("select")) return [...field.selectedOptions].map((option) => option.value);
  if (field.type === "radio") return field.checked ? [field.value] : [];
  if (field.type === "checkbox" && field.value === "y") return [field.checked ? "yes" : "no"];
  if (field.type === "checkbox") return field.checked ? [field.value] : [];
  const line = field.value.replace(/\s+/gu, " ").trim();
  return [line.replace(/\p{Cf}/gu, "").trim() && line];
}

export function given(form, facts, name) {
  const fields = [...form.elements].filter((field) => field.name === name || field.name === `q_${name}`);
  if (!fields.length) return facts[name] ?? [];
  if (fields.every((field) => field.closest("[data-when][hidden]"))) return [];
  return fields.flatMap(valuesOf).filter(Boolean);
}

export function passes(test, values) {
  switch (test.op) {
    case "answered": return values.length > 0;
    case "empty": return values.length === 0;
    case "is": return values.some((value) => test.values.includes(value));
    case "is_not": return !values.some((value) => test.values.includes(value));
    case "at_least": return values.some((value) => Number(value) >= Number(test.values[0]));
    default: return values.some((value) => Number(value) <= Number(test.values[0]));
  }
}

export function holds(when, valuesFor) {
  const results = when.tests.map((test) => passes(test, valuesFor(test.question)));
  return when.match === "any" && results.length ? results.some(Boolean) : results.every(Boolean);
}

export default function conditions(form) {
  const facts = JSON.parse(form.dataset.facts || "{}");
  const asked = [...form.querySelectorAll("[data-when]")].map((node) => ({ node, when: JSON.parse(node.dataset.when) }));

  function show() {
    for (const { node, when } of asked) node.hidden = !holds(when, (name) => given(form, facts, name));
  }

  for (const kind of ["input", "change"]) form.addEventListener(kind, show);
  form.addEventListener("reset", () => setTimeout(show, 0));
  show();
}
