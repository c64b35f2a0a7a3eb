// Keeps the counts of a desk page fresh.
//   <p data-behaviour="live-count" data-url="…/counts.json" data-every="10000"> <span data-count="in">214</span> …
// The address answers {"counts": {"in": 214, "expected": 503}}. A hidden page asks nothing; a failure leaves the last numbers.

import { fillCounts } from "../door/counts.js";

const EVERY = 10000;

export default function liveCount(element) {
  const every = Number(element.dataset.every) || EVERY;

  async function look() {
    if (document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(element.dataset.url, { headers: { Accept: "application/json" } });
      if (answer.ok) fillCounts(element, (await answer.json()).counts);
    } catch {
      // the next turn tries again
    }
  }

  const turn = setInterval(() => (element.isConnected ? look() : clearInterval(turn)), every);
}
