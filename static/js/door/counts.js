// Numbers of the page: <span data-count="in">214</span>.

export function fillCounts(root, counts) {
  const lang = document.documentElement.lang || "en";
  for (const [name, count] of Object.entries(counts ?? {})) {
    for (const node of root.querySelectorAll(`[data-count="${name}"]`)) {
      node.textContent = count.toLocaleString(`${lang}-u-nu-latn`);
    }
  }
}
