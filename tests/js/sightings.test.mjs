import assert from "node:assert/strict";
import { test } from "node:test";

import { Sightings } from "../../static/js/door/sightings.js";

test("a badge held before the camera counts once, and again after three seconds out of sight", () => {
  const sightings = new Sightings();
  const looks = [["A", 0], ["A", 120], ["A", 2900], ["A", 5800], ["A", 8800]];
  assert.deepEqual(looks.map(([text, at]) => sightings.isNew(text, at)), [true, false, false, false, true]);
});

test("another badge counts at once", () => {
  const sightings = new Sightings();
  assert.deepEqual([["A", 0], ["B", 100]].map(([text, at]) => sightings.isNew(text, at)), [true, true]);
});
