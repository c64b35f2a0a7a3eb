// Sends a batch of scans to the server; throws a Failure that says what to do where there is no result.

import { Failure, LOOK, RETRY, failureFor } from "./queue.js";

const PATIENCE = 8000; // ms

export function senderTo(url, { csrf, door = null }) {
  return async function send(scans) {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrf };
    // the device's time now tells how far its clock is off
    const body = JSON.stringify({ sent_at: new Date().toISOString(), door, scans });
    let answer;
    try {
      // "manual": a redirect to the sign-in page is no answer
      answer = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    } catch {
      throw new Failure(RETRY);
    }
    if (answer.type === "opaqueredirect") throw new Failure(LOOK);
    if (!answer.ok) throw failureFor(answer.status);
    return answer.json();
  };
}
