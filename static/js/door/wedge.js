// A hand-held scanner types like a keyboard, only faster. Its keys are told by their place (event.code), not by their sign, so that the
// computer may be set to French or Arabic and Caps Lock may be on. Some phones send no place: then the sign is taken.

import { LENGTH, isCode } from "./token.js";

export const FASTEST_HAND = 50; // ms between two keys; a person is slower
export const SILENCE = 120; // ms after which a burst has ended

const PLACE = /^Key([A-Z])$/;
const SIGN = /^[A-Za-z]$/;
const SHIFTS = new Set(["Shift", "CapsLock", "NumLock"]);
const ENDS = new Set(["Enter", "NumpadEnter", "Tab"]);

function letterOf(event) {
  const known = event.code ? PLACE.exec(event.code)?.[1] : SIGN.exec(event.key)?.[0];
  return known?.toUpperCase() ?? null;
}

// Reads keydown events; calls onCode(code) for a burst that is a code. Keys are never held back, so that what is no code has already gone to
// the focused field; onStart() is called at the first key of a burst, before the field gets it, and onCode may put the field back.
export class Wedge {
  #letters = "";
  #spoilt = false;
  #last = -Infinity;
  #timer = null;

  constructor({ onCode, onStart = () => {}, later = setTimeout, cancel = clearTimeout }) {
    Object.assign(this, { onCode, onStart, later: (fn, ms) => later(fn, ms), cancel: (timer) => cancel(timer) });
  }

  // at: ms, as event.timeStamp
  key(event, at = event.timeStamp) {
    if (SHIFTS.has(event.key)) return;
    if (ENDS.has(event.code || event.key)) return this.#end(event, at);
    if (at - this.#last >= FASTEST_HAND) this.#reset();
    if (this.#last === -Infinity) this.onStart();
    this.#last = at;
    const letter = letterOf(event);
    const odd = !letter || event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing;
    this.#spoilt ||= odd || this.#letters.length === LENGTH;
    if (!this.#spoilt) this.#letters += letter;
    this.cancel(this.#timer);
    this.#timer = this.later(() => this.#close(), SILENCE);
  }

  // A key that ends a code belongs to the scanner: it must not send the form it falls on.
  #end(event, at) {
    if (at - this.#last < SILENCE && this.#close()) event.preventDefault();
    else this.#reset();
  }

  #close() {
    const code = this.#letters;
    const good = !this.#spoilt && isCode(code);
    this.#reset();
    if (good) this.onCode(code);
    return good;
  }

  #reset() {
    this.cancel(this.#timer);
    this.#letters = "";
    this.#spoilt = false;
    this.#last = -Infinity;
  }
}
