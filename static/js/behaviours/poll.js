// Follows a job; without it the page refreshes by itself (a meta refresh inside noscript).
//   <section data-behaviour="poll" data-url="…/jobs/12.json"> <progress max="503" value="0"></progress> <p role="status" data-slot="text">…</p>
// The address answers {"done": 212, "total": 503, "text": "Badge 212 of 503", "state": "running"}; once the state is an end, the page is loaded
// again and shows the outcome. Lost connections are waited out.

const EVERY = 1500;
const PATIENCE = 15000;
const GOING_ON = new Set(["queued", "running", "paused"]);

export default function poll(section) {
  const bar = section.querySelector("progress");
  const text = section.querySelector("[data-slot=text]");

  function show(job) {
    if (bar && job.total) {
      bar.max = job.total;
      bar.value = job.done;
    }
    // the same words again would be read out again
    if (text && job.text && text.textContent !== job.text) text.textContent = job.text;
  }

  async function look() {
    if (!section.isConnected) return;
    let wait = EVERY;
    try {
      const answer = await fetch(section.dataset.url, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) });
      if (!answer.ok) throw new Error(String(answer.status));
      const job = await answer.json();
      if (!GOING_ON.has(job.state)) return location.reload();
      show(job);
    } catch {
      wait = EVERY * 4;
    }
    setTimeout(look, wait);
  }

  setTimeout(look, EVERY);
}
