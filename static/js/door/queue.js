// Scans on their way to the server. Each has an id made here, so that sending it again is harmless: the server answers the same id as before.
// A scan leaves the queue only when the server has answered for it. The store keeps code, id and time, nothing of a person.

const PAUSES = [1000, 2000, 4000, 8000, 16000, 30000]; // ms before trying again
const BATCH = 50;

// What to do after an answer that is no result: try again soon; somebody must look (signed out, scan refused as such); forget all (device revoked).
export const RETRY = "retry";
export const LOOK = "look";
export const WIPE = "wipe";

export class Failure extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

export function failureFor(status) {
  if (status === 410) return new Failure(WIPE);
  const passing = status === 408 || status === 429 || status >= 500;
  return new Failure(passing ? RETRY : LOOK);
}

export class ScanQueue {
  #scans;
  #sending = false;
  #tries = 0;
  #timer = null;

  // send(scans) -> {results: [{id, …}], …} or throws; store: {read() -> scans, write(scans)}; onAnswer(answer, scans), onFailure(scans, kind), onState(state, waiting)
  constructor({ send, store, onAnswer, onFailure, onState, now = () => new Date(), newId = () => crypto.randomUUID(), later = setTimeout, cancel = clearTimeout }) {
    Object.assign(this, { send, store, onAnswer, onFailure, onState, now, newId, later: (fn, ms) => later(fn, ms), cancel: (timer) => cancel(timer) });
    this.#scans = store.read();
  }

  get waiting() {
    return this.#scans.length;
  }

  holds(id) {
    return this.#scans.some((scan) => scan.id === id);
  }

  // more: {force: true, reason: "…"} to let somebody in again
  add(code, source, more = {}) {
    const scan = { id: this.newId(), code, at: this.now().toISOString(), source, ...more };
    this.#keep([...this.#scans, scan]);
    this.flush();
    return scan;
  }

  async flush() {
    if (this.#sending || !this.#scans.length) return;
    this.cancel(this.#timer);
    this.#sending = true;
    const batch = this.#scans.slice(0, BATCH);
    this.onState("sending", this.waiting);
    let answer = null;
    let kind = RETRY;
    try {
      answer = await this.send(batch);
    } catch (error) {
      if (error instanceof Failure) kind = error.kind;
    }
    this.#sending = false;
    const ids = new Set(answer?.results?.map((result) => result.id));
    if (!batch.some((scan) => ids.has(scan.id))) return this.#failed(kind, batch);
    this.#keep(this.#scans.filter((scan) => !ids.has(scan.id)));
    this.#tries = 0;
    this.onState(this.waiting ? "sending" : "sent", this.waiting);
    this.onAnswer(answer, batch);
    await this.flush();
  }

  #failed(kind, batch) {
    if (kind === WIPE) this.#keep([]);
    const pause = PAUSES[Math.min(this.#tries, PAUSES.length - 1)];
    this.#tries += 1;
    this.#timer = kind === WIPE ? null : this.later(() => this.flush(), pause);
    this.onFailure(batch, kind);
    this.onState(kind === RETRY ? "offline" : "look", this.waiting);
  }

  #keep(scans) {
    this.#scans = scans;
    this.store.write(scans);
  }
}
