// Makes the page of a question shorter: only what its kind needs, and only the answers that a condition can ask for.
//   <form data-behaviour="question-editor"> <input type="radio" name="kind" value="one_of"> <fieldset data-kinds="one_of several_of"> …
//   <fieldset class="condition"> <select name="test_0_question"> <select name="test_0_op"> <div class="condition__answers" data-name="test_0_values">
//   <template data-of="sector" data-kind="listed|number|any"> the answers that are offered to this question </template>
// Without it everything is shown, and a button asks the server for the answers.

const OPS = {
  listed: ["is", "is_not", "answered", "empty"],
  number: ["is", "is_not", "at_least", "at_most", "answered", "empty"],
  any: ["is", "is_not", "answered", "empty"],
};

export default function questionEditor(form) {
  const templates = new Map([...form.querySelectorAll("template[data-of]")].map((node) => [node.dataset.of, node]));

  function showForKind() {
    const kind = form.querySelector("[name=kind]:checked")?.value;
    for (const part of form.querySelectorAll("[data-kinds]")) part.hidden = !part.dataset.kinds.split(" ").includes(kind);
  }

  function narrow(row, { anew }) {
    const [question, op] = row.querySelectorAll("select");
    const answers = row.querySelector(".condition__answers");
    const template = templates.get(question.value);
    const allowed = OPS[template?.dataset.kind ?? "any"];
    for (const option of op.options) option.hidden = option.disabled = !allowed.includes(option.value);
    if (op.selectedOptions[0]?.disabled) op.value = allowed[0];
    if (anew) {
      answers.replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
      const isTyped = template?.dataset.kind !== "listed";
      const name = isTyped ? answers.dataset.name.replace("_values", "_typed") : answers.dataset.name;
      for (const field of answers.querySelectorAll("input, select")) field.name = name;
    }
    answers.hidden = !template || ["answered", "empty"].includes(op.value);
  }

  for (const row of form.querySelectorAll(".condition")) {
    const [question] = row.querySelectorAll("select");
    row.addEventListener("change", (event) => narrow(row, { anew: event.target === question }));
    narrow(row, { anew: false });
  }
  for (const button of form.querySelectorAll("[data-plain]")) button.hidden = true;
  form.addEventListener("change", showForKind);
  showForKind();
}
