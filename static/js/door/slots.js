// Fills a clone of a <template>: [data-slot="name"] gets the value as text. A slot without a value keeps the words it came with; one that has
// neither goes, and with it the [data-part] around it.

export function cloneFilled(template, values) {
  const fragment = template.content.cloneNode(true);
  for (const slot of fragment.querySelectorAll("[data-slot]")) {
    const value = values[slot.dataset.slot];
    if (value instanceof Node) slot.replaceChildren(value);
    else if (value !== undefined && value !== null && value !== "") slot.textContent = value;
    else if (!slot.textContent.trim()) (slot.closest("[data-part]") ?? slot).remove();
  }
  return fragment;
}

// The seal comes as SVG source. It is parsed as an image, not as a page, and what could act is left out.
export function sealFrom(source) {
  if (!source) return null;
  const svg = new DOMParser().parseFromString(source, "image/svg+xml").documentElement;
  if (svg.localName !== "svg") return null;
  for (const node of svg.querySelectorAll("script, foreignObject, style")) node.remove();
  return document.importNode(svg, true);
}
