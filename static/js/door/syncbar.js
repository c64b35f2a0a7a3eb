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

// "08:52" on the clocks of the event, written as the server's `pattern` says ("HH:mm"), which are `offset` minutes ahead of UTC. The server tells the offset: its tz data decide, while those of
// the browser may be of another year, and the screen would tell one entry at two hours.
export function clockIn(offset, pattern = "HH:mm") {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit" });
  return (instant) => {
    const [hour, minute] = format.format(new Date(new Date(instant).getTime() + offset * 60000)).split(":");
    return pattern.replace("HH", hour).replace("mm", minute);
  };
}
