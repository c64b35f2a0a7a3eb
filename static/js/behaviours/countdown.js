// Counts down to a moment; without it the page says until when.
//   <p data-behaviour="countdown" data-until="2022-09-27T08:25:00+00:00" data-now="2022-09-27T08:10:00+00:00"><time data-slot="left">15:00</time></p>
// The server's clock counts, not the browser's. When it is over the page is loaded again, once.

const SECOND = 1000;

export default function countdown(element) {
  const slot = element.querySelector("[data-slot=left]");
  const ends = performance.now() + (Date.parse(element.dataset.until) - Date.parse(element.dataset.now));

  function show() {
    if (!element.isConnected) return;
    const left = Math.max(0, Math.ceil((ends - performance.now()) / SECOND));
    slot.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left === 0) return setTimeout(() => location.reload(), 3 * SECOND);
    setTimeout(show, SECOND);
  }

  show();
}
