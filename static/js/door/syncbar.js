// The bar that always shows one of: sent, sending, offline, look. One <template data-sync="…"> per state. Contract: behaviours/scan.js.

import { cloneFilled } from "./slots.js";

export class SyncBar {
  constructor(root, clockText) {
    this.bar = root.querySelector(".sync");
    this.templates = new Map([...root.querySelectorAll("template[data-sync]")].map((node) => [node.dataset.sync, node]));
    this.clockText = clockText;
  }

  show(state, count) {
    const values = { count: String(count), time: this.clockText(new Date()) };
    this.bar.dataset.state = state;
    this.bar.replaceChildren(cloneFilled(this.templates.get(state), values));
  }
}

// "08:52" in the zone of the event, Latin digits.
export function clockIn(zone) {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  return (instant) => format.format(new Date(instant));
}
