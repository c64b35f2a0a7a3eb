// Shows what is typed on the badge beside the form.
//   <form data-behaviour="badge-preview"> <input name="name_latin"> …</form> … <bdi data-mirror="name_latin" data-empty="Your name"></bdi>
// data-mirror names one or several fields, joined by a blank; with all of them empty the words of data-empty stand.

function valueOf(form, name) {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLSelectElement) return field.value && field.selectedOptions[0].textContent.trim();
  return (field?.value ?? "").trim();
}

export default function badgePreview(form) {
  const mirrors = [...document.querySelectorAll("[data-mirror]")].map((node) => ({
    node,
    names: node.dataset.mirror.split(/\s+/),
    words: node.dataset.empty,
  }));

  function show() {
    for (const { node, names, words } of mirrors) {
      node.textContent = names.map((name) => valueOf(form, name)).filter(Boolean).join(" ") || words;
    }
  }

  for (const kind of ["input", "change"]) form.addEventListener(kind, show);
  form.addEventListener("reset", () => setTimeout(show, 0));
  show();
}
