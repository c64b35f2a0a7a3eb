import assert from "node:assert/strict";
import { test } from "node:test";

import { Failure, LOOK, RETRY, ScanQueue, WIPE, failureFor } from "../../static/js/door/queue.js";

const CODE = "BCDFGHJKLNPRSTVP";

// A server that keeps each id once, and can be told to fail: "before" it stores, or "after" (the answer is lost).
function aServer() {
  const server = { stored: new Map(), fails: null, kind: RETRY, batches: 0 };
  server.send = async (scans) => {
    server.batches += 1;
    if (server.fails === "before") throw new Failure(server.kind);
    for (const scan of scans) if (!server.stored.has(scan.id)) server.stored.set(scan.id, scan);
    if (server.fails === "after") throw new TypeError("network");
    return { results: scans.map((scan) => ({ id: scan.id, result: "ok" })), counts: { in: server.stored.size } };
  };
  return server;
}

function aQueue(server, kept = []) {
  const seen = { states: [], answers: [], failures: [], pauses: [], kept, timer: null };
  let number = 0;
  const queue = new ScanQueue({
    send: server.send,
    store: { read: () => seen.kept, write: (scans) => { seen.kept = scans; } },
    onAnswer: (answer) => seen.answers.push(...answer.results),
    onFailure: (scans, kind) => seen.failures.push(kind),
    onState: (state, waiting) => seen.states.push([state, waiting]),
    now: () => new Date("2022-11-01T07:31:10Z"),
    newId: () => `id-${(number += 1)}`,
    later: (fn, ms) => { seen.pauses.push(ms); seen.timer = fn; return fn; },
    cancel: () => { seen.timer = null; },
  });
  return { queue, seen };
}

const settled = () => new Promise((done) => setImmediate(done));

test("a scan is sent with its id, code, time and source", async () => {
  const server = aServer();
  const { queue, seen } = aQueue(server);
  queue.add(CODE, "wedge");
  await settled();
  assert.deepEqual([...server.stored.values()], [{ id: "id-1", code: CODE, at: "2022-11-01T07:31:10.000Z", source: "wedge" }]);
  assert.deepEqual(seen.states, [["sending", 1], ["sent", 0]]);
  assert.deepEqual(seen.kept, []);
});

test("letting in again carries the reason", async () => {
  const server = aServer();
  const { queue } = aQueue(server);
  queue.add(CODE, "wedge", { force: true, reason: "left to park the car" });
  await settled();
  const [scan] = server.stored.values();
  assert.deepEqual([scan.force, scan.reason], [true, "left to park the car"]);
});

test("forty scans whose answer was lost are forty, not eighty", async () => {
  const server = aServer();
  const { queue, seen } = aQueue(server);
  server.fails = "after";
  for (let at = 0; at < 40; at += 1) queue.add(CODE, "camera");
  await settled();
  server.fails = null;
  seen.timer();
  await settled();
  assert.deepEqual([server.stored.size, queue.waiting, seen.answers.length], [40, 0, 40]);
});

test("without connection scans wait, survive a reload and are sent by the next page", async () => {
  const server = aServer();
  server.fails = "before";
  const first = aQueue(server);
  first.queue.add(CODE, "wedge");
  await settled();
  server.fails = null;
  const second = aQueue(server, first.seen.kept);
  await second.queue.flush();
  assert.deepEqual(first.seen.states.at(-1), ["offline", 1]);
  assert.deepEqual([...server.stored.keys()], ["id-1"]);
});

test("it tries again after longer and longer pauses, and at once with the next scan", async () => {
  const server = aServer();
  server.fails = "before";
  const { queue, seen } = aQueue(server);
  queue.add(CODE, "wedge");
  await settled();
  for (let turn = 0; turn < 6; turn += 1) {
    seen.timer();
    await settled();
  }
  assert.deepEqual(seen.pauses, [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  server.fails = null;
  queue.add(CODE, "wedge");
  await settled();
  assert.equal(queue.waiting, 0);
});

test("a scan made while another is on its way follows it", async () => {
  const server = aServer();
  const { queue } = aQueue(server);
  queue.add(CODE, "wedge");
  queue.add("BBBBBBBBBBBBBBBN", "wedge");
  await settled();
  assert.deepEqual([[...server.stored.keys()], server.batches], [["id-1", "id-2"], 2]);
});

test("a scan that got no result stays", async () => {
  const send = async (scans) => ({ results: scans.filter(({ id }) => id !== "a").map(({ id }) => ({ id, result: "ok" })) });
  const kept = ["a", "b"].map((id) => ({ id, code: CODE, at: "2022-11-01T07:31:10Z", source: "wedge" }));
  const { queue } = aQueue({ send }, kept);
  await queue.flush();
  assert.deepEqual([queue.holds("a"), queue.holds("b")], [true, false]);
});

test("an answer without results is a failure, not a loop", async () => {
  const { queue, seen } = aQueue({ send: async () => ({}) });
  queue.add(CODE, "wedge");
  await settled();
  assert.deepEqual([seen.failures, queue.waiting], [[RETRY], 1]);
});

test("signed out: the scans stay and somebody must look", async () => {
  const server = aServer();
  server.fails = "before";
  server.kind = LOOK;
  const { queue, seen } = aQueue(server);
  queue.add(CODE, "wedge");
  await settled();
  assert.deepEqual([seen.states.at(-1), seen.kept.length], [["look", 1], 1]);
});

test("a revoked device forgets what it holds", async () => {
  const server = aServer();
  server.fails = "before";
  server.kind = WIPE;
  const { queue, seen } = aQueue(server);
  queue.add(CODE, "wedge");
  await settled();
  assert.deepEqual([queue.waiting, seen.kept, seen.failures, seen.pauses], [0, [], [WIPE], []]);
});

test("statuses tell what to do", () => {
  const kinds = [401, 403, 400, 408, 410, 429, 500, 503].map((status) => failureFor(status).kind);
  assert.deepEqual(kinds, [LOOK, LOOK, LOOK, RETRY, WIPE, RETRY, RETRY, RETRY]);
});
