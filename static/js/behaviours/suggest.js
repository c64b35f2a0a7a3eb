// Organisation picker: suggestions under a text field; what one types freely stays allowed.
//   <div class="suggest" data-behaviour="suggest" data-url="…/organisations.json"
//        data-fill-value="organisation_id" data-fill-sector="sector" data-fill-country="country">
//     <label for="organisation" id="organisation-label">…</label> <input id="organisation" name="organisation" autocomplete="off">
//     <ul class="suggest__list" aria-labelledby="organisation-label" hidden></ul>
//     <p class="hush" role="status" data-some="Suggestions are shown below" data-none="Nothing found: keep what you typed"></p>
//     <template><li role="option"><bdi data-slot="label"></bdi> <small data-slot="detail"></small></li></template>
// The address answers ?q=…&country=… (what the field of data-fill-country holds) with [{label, detail, value, sector, country}]. data-fill-KEY names the field of the form that takes KEY of the chosen
// one; typing on empties the field of data-fill-value, since the text then is no longer that organisation.

import { Listbox } from "./suggest/listbox.js";

const PAUSE = 200;
const SHORTEST = 2;

export default function suggest(box) {
  const input = box.querySelector("input:not([type=hidden])");
  const list = new Listbox(input, box.querySelector("ul"), box.querySelector("template"), choose);
  const status = box.querySelector("[role=status]");
  let pause;
  let asking;

  function fill(key, value) {
    const name = box.dataset[`fill${key[0].toUpperCase()}${key.slice(1)}`];
    const field = name && input.form.elements.namedItem(name);
    if (field) field.value = value;
  }

  function choose(item) {
    input.value = item.label;
    for (const key of ["value", "sector", "country"]) if (item[key]) fill(key, item[key]);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const q = input.value.trim();
    if (q.length < SHORTEST) return list.close();
    const url = new URL(box.dataset.url, location.href);
    url.searchParams.set("q", q);
    const near = box.dataset.fillCountry && input.form.elements.namedItem(box.dataset.fillCountry);
    if (near?.value) url.searchParams.set("country", near.value);
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, signal: asking.signal });
      const found = answer.ok ? await answer.json() : [];
      if (document.activeElement !== input) return;
      list.show(found);
      status.textContent = found.length ? status.dataset.some : status.dataset.none;
    } catch {
      list.close();
    }
  }

  input.addEventListener("input", () => {
    fill("value", "");
    clearTimeout(pause);
    pause = setTimeout(ask, PAUSE);
  });
}
