import assert from "node:assert/strict";
import { test } from "node:test";

import { Wedge } from "../../static/js/door/wedge.js";

const CODE = "BCDFGHJKLNPRSTVP";
const ARABIC = { B: "لا", C: "ؤ", D: "ي", F: "ب", G: "ل", H: "ا", J: "ت", K: "ن", L: "م", N: "ى", P: "ح", R: "ق", S: "س", T: "ف", V: "ر", X: "ء" };

function aWedge() {
  const seen = { codes: [], starts: 0, stopped: 0, timer: null };
  const wedge = new Wedge({
    onCode: (code) => seen.codes.push(code),
    onStart: () => { seen.starts += 1; },
    later: (fn) => { seen.timer = fn; return fn; },
    cancel: () => { seen.timer = null; },
  });
  let at = 1000;
  const press = (event, gap) => {
    at += gap;
    wedge.key({ preventDefault: () => { seen.stopped += 1; }, ...event }, at);
  };
  const type = (letters, { gap = 8, key = (letter) => letter, code = (letter) => `Key${letter}`, more = {} } = {}) => {
    for (const letter of letters) press({ key: key(letter), code: code(letter), ...more }, gap);
  };
  return { seen, press, type, enter: (gap = 8) => press({ key: "Enter", code: "Enter" }, gap), silence: () => seen.timer?.() };
}

test("fast keys and Enter are a scan, and the Enter sends no form", () => {
  const { seen, type, enter } = aWedge();
  type(CODE);
  enter();
  assert.deepEqual([seen.codes, seen.stopped, seen.starts], [[CODE], 1, 1]);
});

test("Tab ends a scan as Enter does", () => {
  const { seen, type, press } = aWedge();
  type(CODE);
  press({ key: "Tab", code: "Tab" }, 8);
  assert.deepEqual(seen.codes, [CODE]);
});

test("silence ends a scan of a scanner that sends no Enter", () => {
  const { seen, type, silence } = aWedge();
  type(CODE);
  silence();
  assert.deepEqual(seen.codes, [CODE]);
});

test("on an Arabic, a French and a capitals-locked keyboard the code is the same", () => {
  const azerty = { A: "q", Q: "a", W: "z", Z: "w", M: "," };
  for (const key of [(letter) => ARABIC[letter], (letter) => azerty[letter] ?? letter.toLowerCase(), (letter) => letter.toLowerCase(), (letter) => letter]) {
    const { seen, type, enter } = aWedge();
    type(CODE, { key });
    enter();
    assert.deepEqual(seen.codes, [CODE]);
  }
});

test("a scanner that holds Shift is understood", () => {
  const { seen, press, enter } = aWedge();
  for (const letter of CODE) {
    press({ key: "Shift", code: "ShiftLeft" }, 4);
    press({ key: letter, code: `Key${letter}`, shiftKey: true }, 4);
  }
  enter();
  assert.deepEqual(seen.codes, [CODE]);
});

test("without places the signs are taken, in any case", () => {
  const { seen, type, enter } = aWedge();
  type(CODE, { code: () => "", key: (letter) => letter.toLowerCase() });
  enter();
  assert.deepEqual(seen.codes, [CODE]);
});

test("a hand's typing is left to the field, Enter too", () => {
  const { seen, type, enter, silence } = aWedge();
  type(CODE, { gap: 90 });
  enter(200);
  silence();
  assert.deepEqual([seen.codes, seen.stopped], [[], 0]);
});

test("a torn, a longer, a mistaken and a foreign label are left to the field", () => {
  const labels = [CODE.slice(0, -1), `${CODE}P`, "BCDFGHJKLNPRSTVB", "BCDFGHJKLNPRSTV1"];
  for (const label of labels) {
    const { seen, type, enter } = aWedge();
    type(label);
    enter();
    assert.deepEqual([seen.codes, seen.stopped], [[], 0]);
  }
});

test("shortcuts, a key held down and composed text are no scan", () => {
  for (const more of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }, { repeat: true }, { isComposing: true }]) {
    const { seen, type, enter } = aWedge();
    type(CODE, { more });
    enter();
    assert.deepEqual(seen.codes, []);
  }
});

test("a wrong label does not silence the scanner for the next", () => {
  const { seen, type, enter } = aWedge();
  type("A".repeat(7000), { gap: 1 });
  enter();
  type(CODE);
  enter();
  assert.deepEqual(seen.codes, [CODE]);
});

test("letters typed by hand before a scan do not spoil it", () => {
  const { seen, type, enter, press } = aWedge();
  type("BC", { gap: 150 });
  press({ key: "B", code: "KeyB" }, 400);
  type(CODE.slice(1));
  enter();
  assert.deepEqual(seen.codes, [CODE]);
});
