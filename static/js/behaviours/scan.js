// The page desk/scan: hand-held scanner, camera (behaviours/camera.js inside this element), typed code; online and with the network gone.
// A full example of the page stands in tests/js/scan-page.example.html. Without this file the form posts its code and the server shows the result.
//
// What the page holds (all words are the page's or the server's; icons stand in the templates; data-offset: minutes of the event's clocks ahead of UTC; data-hour: how the page writes an hour; data-now: the server's instant in milliseconds):
//   <div data-behaviour="scan" data-sync-url="…/desk/scan/sync" data-csrf="…" data-offset="60" data-hour="HH:mm" data-now="1664266200000" data-door="ID of the door or list">
//     <section class="scan" data-result="idle">
//       <p class="sync" data-state="sent">…</p>
//       <div class="scan__body" data-screen role="status" aria-live="assertive" tabindex="-1">…</div>     (what the idle template says, or the result of a POST)
//       <p class="scan__count">… <span data-count="in">214</span> … <span data-count="expected">503</span></p>
//     </section>
//     <form method="post" data-act="typed"> csrf_token, <input name="code" required autocomplete="off" dir="ltr"> <button> </form>
//     <label><input type="checkbox" data-act="sound" checked> …</label>
//     <ol class="log" data-log> <li data-result="ok" data-scan="UUID">… as in template data-line …</li> </ol>     (last 20, newest first)
//     <template data-verdict="idle | ok | again | attention | refused | held | unread">     (held: saved, to verify; unread: a QR that is no badge, or a code mistyped while offline)
//         [data-slot = verdict | name | name_other | category | organisation | detail | next | seal | code], <button type="button"> for "Next",
//         and, where somebody may be let in all the same, <form data-act="force"> <input name="reason" required> <button> </form>
//         A slot without a value keeps the words in the template; an empty one goes, with the [data-part] around it.
//     <template data-line="ok | again | attention | refused | held">  one <li data-result>: <time data-slot="time">, [data-slot = name | category | verdict | code],
//         <form method="post" data-act="undo"> csrf_token, <button> </form>     (goes where the answer has no undo_url)
//     <template data-sync="sent | sending | offline | look">  the bar's words, [data-slot = count | time]; counts stand alone ("waiting: 12"), no plural;
//         the link in "look" leads to this page again (signs in where that is the matter, and shows the log)
//
// Sends   POST data-sync-url, headers Accept: application/json, X-CSRFToken
//   {"sent_at": ISO time of the device, "door": data-door or null, "scans": [{"id": UUID, "code": "16 letters", "at": ISO, "source": "wedge"|"camera"|"typed", "force"?: true, "reason"?: "…"}]}, up to 50
// Expects 200 {"results": [{"id", "result": "ok"|"again"|"attention"|"refused"|"held", "verdict", "name", "name_other", "category", "organisation", "detail", "next",
//   "seal_svg", "can_force": bool, "undo_url": "…"|null}], "counts": {"in": 214, "expected": 503}, "at": ISO}; the same id again gets the same result, no second scan.
//   One bad scan is a "refused" of its own, never a 4xx for the batch. 410: this device is revoked, what it holds is erased. 401, 403, other 4xx, a redirect: the bar says
//   "look", tries on slowly. 408, 429, 5xx, no network: the bar says "offline", tries again after 1, 2, 4 … 30 s, and when the browser is online again.
// Undo    POST undo_url (form fields, X-CSRFToken, Accept: application/json) -> {"result": "undone", "verdict": "…"}; refused: 4xx with {"verdict"}; a plain POST redirects back.
// Events  listens to "scan:code" {text, source} from inside.

import { fillCounts } from "../door/counts.js";
import { listen } from "../door/inputs.js";
import { Log } from "../door/log.js";
import { ScanQueue, WIPE } from "../door/queue.js";
import { Screen } from "../door/screen.js";
import { senderTo } from "../door/sender.js";
import { Sound } from "../door/sound.js";
import { SessionStore } from "../door/store.js";
import { SyncBar, clockIn } from "../door/syncbar.js";
import { grouped, isCode, normalise } from "../door/token.js";

const AT_ONCE = 1000; // ms after which "saved, to verify" is shown though an answer may still come
const STILL_HERE = 5000; // ms for which a late answer belongs to the person at the door

export default function scan(root) {
  const ahead = (Number(root.dataset.now) - Date.now()) / 60000; // minutes: this device's clock may be wrong, the server's counts
  const clockText = clockIn(Number(root.dataset.offset) + (Math.abs(ahead) < 1 ? 0 : ahead), root.dataset.hour); // loading a page takes a moment, too
  const soundBox = root.querySelector("[data-act=sound]");
  const screen = new Screen(root, new Sound(() => soundBox?.checked ?? true));
  const log = new Log(root, clockText);
  const bar = new SyncBar(root, clockText);
  const told = new Set(); // ids of scans whose "saved, to verify" has been shown
  const looks = new Set(); // ids of scans refused after their person has gone
  const queue = new ScanQueue({
    send: senderTo(root.dataset.syncUrl, { csrf: root.dataset.csrf, door: root.dataset.door }),
    store: new SessionStore(`scans:${root.dataset.syncUrl}`),
    onAnswer: answered,
    onFailure: failed,
    onState: (state, waiting) => (state === "sent" && looks.size ? bar.show("look", looks.size) : bar.show(state, waiting)),
  });

  function hold(one) {
    if (told.has(one.id) || !queue.holds(one.id)) return;
    told.add(one.id);
    const result = { result: "held", code: grouped(one.code) };
    screen.show(result, { of: one });
    log.write(one, result);
  }

  function answered({ results, counts }, scans) {
    for (const result of results) {
      const one = scans.find((each) => each.id === result.id);
      if (!one) continue;
      log.write(one, result);
      const theirs = Date.now() - Date.parse(one.at) < STILL_HERE && !(screen.of?.at > one.at);
      if (theirs) screen.show(result, { of: one });
      else if (result.result !== "ok") looks.add(one.id);
    }
    fillCounts(root, counts);
    if (looks.size && !queue.waiting) bar.show("look", looks.size);
  }

  function failed(scans, kind) {
    if (kind === WIPE) return location.reload();
    scans.forEach(hold);
  }

  function take(text, source, more) {
    const code = normalise(text.slice(0, 64));
    if (!isCode(code)) return screen.show({ result: "refused" }, { of: null, pattern: "unread" });
    const one = queue.add(code, source, more);
    setTimeout(() => hold(one), AT_ONCE);
  }

  listen({ root, screen, take });
  addEventListener("online", () => queue.flush());
  addEventListener("beforeunload", (event) => { if (queue.waiting) event.preventDefault(); });
  if (queue.waiting) queue.flush();
}
