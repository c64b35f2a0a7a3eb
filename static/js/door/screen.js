// The coloured screen: one <template data-verdict="…"> per result, cloned into [data-screen]. Contract: behaviours/scan.js.

import { cloneFilled, sealFrom } from "./slots.js";
import { verdictFor } from "./verdicts.js";

export class Screen {
  #timer = null;

  constructor(root, sound) {
    this.root = root;
    this.section = root.querySelector("section.scan");
    this.body = root.querySelector("[data-screen]");
    this.templates = new Map([...root.querySelectorAll("template[data-verdict]")].map((node) => [node.dataset.verdict, node]));
    this.sound = sound;
    this.body.addEventListener("click", (event) => { if (!event.target.closest("form, a")) this.idle(); });
  }

  // of: the scan or code shown; pattern: another template than that of the result
  show(result, { of, pattern = result.result }) {
    const verdict = verdictFor(result.result);
    this.of = of;
    this.#put(result.result, cloneFilled(this.#template(pattern), { ...result, seal: sealFrom(result.seal_svg) }));
    const force = this.body.querySelector("form[data-act=force]");
    if (force && !result.can_force) force.remove();
    this.sound.play(verdict);
    clearTimeout(this.#timer);
    if (verdict.stays) this.#timer = setTimeout(() => this.idle(), verdict.stays);
  }

  // Not while somebody writes a reason.
  idle() {
    clearTimeout(this.#timer);
    if (this.body.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) {
      this.#timer = setTimeout(() => this.idle(), 1000);
      return;
    }
    this.of = null;
    this.#put("idle", this.#template("idle").content.cloneNode(true));
  }

  #template(name) {
    return this.templates.get(name) ?? this.templates.get("attention");
  }

  #put(state, fragment) {
    const focused = this.body.contains(document.activeElement);
    this.section.dataset.result = state;
    this.body.replaceChildren(fragment);
    if (focused) this.body.focus();
    if (state === "idle") return;
    // on a phone the code field stands below; beside a running camera the section has no box of its own
    const top = this.section.getClientRects().length ? this.section : this.root;
    top.scrollIntoView({ block: "start" });
  }
}
