// A camera sees the same badge many times a second: only the first sight counts, until the badge was out of sight for a while.

export const SAME = 3000; // ms

export class Sightings {
  #text = null;
  #at = -Infinity;

  isNew(text, at) {
    const known = text === this.#text && at - this.#at < SAME;
    this.#text = text;
    this.#at = at;
    return !known;
  }
}
