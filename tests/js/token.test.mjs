import assert from "node:assert/strict";
import { test } from "node:test";

import { ALPHABET, checkLetter, grouped, isCode, normalise } from "../../static/js/door/token.js";

const VECTORS = [["BCDFGHJKLNPRSTV", "P"], ["BBBBBBBBBBBBBBB", "N"], ["XXXXXXXXXXXXXXX", "L"]];

test("the published vectors get their check letters", () => {
  assert.deepEqual(VECTORS.map(([letters]) => checkLetter(letters)), VECTORS.map(([, letter]) => letter));
});

test("every single wrong letter is caught", () => {
  const passed = [];
  for (const [letters, check] of VECTORS) {
    const code = letters + check;
    for (let at = 0; at < code.length; at += 1) {
      for (const letter of ALPHABET) {
        const wrong = code.slice(0, at) + letter + code.slice(at + 1);
        if (wrong !== code && isCode(wrong)) passed.push(wrong);
      }
    }
  }
  assert.deepEqual(passed, []);
});

test("case, groups and dashes are read as the same code", () => {
  const typed = ["bcdfghjklnprstvp", "BCDF GHJK LNPR STVP", "BCDF - GHJK – LNPR - STVP", "\u2068BCDFGHJKLNPRSTVP\u2069"];
  assert.deepEqual(new Set(typed.map(normalise)), new Set(["BCDFGHJKLNPRSTVP"]));
});

test("what is cut, too long, swapped or of other signs is no code", () => {
  const wrong = ["", "BCDFGHJKLNPRSTV", "BCDFGHJKLNPRSTVPP", "BCDGFHJKLNPRSTVP", "ACDFGHJKLNPRSTVP", "8CDFGHJKLNPR5TVP", "' OR 1=1 --", "https://evil.example/login"];
  assert.deepEqual(wrong.filter((text) => isCode(normalise(text))), []);
});

test("a code is shown in fours", () => {
  assert.equal(grouped("BCDFGHJKLNPRSTVP"), "BCDF GHJK LNPR STVP");
});
