// The last 20 scans in words, newest first: one <template data-line="…"> per result, cloned into [data-log]. Contract: behaviours/scan.js.

import { cloneFilled } from "./slots.js";

const LAST = 20;

export class Log {
  constructor(root, clockText) {
    this.list = root.querySelector("[data-log]");
    this.templates = new Map([...root.querySelectorAll("template[data-line]")].map((node) => [node.dataset.line, node]));
    this.csrf = root.dataset.csrf;
    this.clockText = clockText;
    this.list.addEventListener("submit", (event) => this.#undo(event));
  }

  // Adds the scan's line, or puts the later answer in the place of the earlier one.
  write(scan, result) {
    const template = this.templates.get(result.result) ?? this.templates.get("attention");
    const line = cloneFilled(template, { ...result, time: this.clockText(scan.at) }).firstElementChild;
    line.dataset.scan = scan.id;
    const undo = line.querySelector("form[data-act=undo]");
    if (undo && result.undo_url) undo.action = result.undo_url;
    else undo?.remove();
    const former = this.list.querySelector(`[data-scan="${scan.id}"]`);
    if (former) former.replaceWith(line);
    else this.list.prepend(line);
    while (this.list.children.length > LAST) this.list.lastElementChild.remove();
  }

  // POST by fetch, so that the camera and the queue go on; where that fails, the plain form goes.
  async #undo(event) {
    const form = event.target.closest("form[data-act=undo]");
    if (!form) return;
    event.preventDefault();
    try {
      const headers = { Accept: "application/json", "X-CSRFToken": this.csrf };
      const answer = await fetch(form.action, { method: "POST", headers, body: new FormData(form), redirect: "manual" });
      const { result, verdict } = await answer.json();
      const line = form.closest("li");
      if (answer.ok) line.dataset.result = result ?? "undone";
      line.querySelector("[data-slot=verdict]").textContent = verdict;
      form.remove();
      this.list.dispatchEvent(new CustomEvent("scan:undone", { bubbles: true }));
    } catch {
      form.submit();
    }
  }
}
