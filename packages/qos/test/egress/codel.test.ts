import { type Rng, seededRng } from "@net/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CODEL_INTERVAL_MS, CODEL_TARGET_MS, CoDel } from "../../src/egress/codel.ts";
import { Flow } from "../../src/egress/flow.ts";
import { FrameList } from "../../src/egress/frame-list.ts";
import { QueuedFrame } from "../../src/egress/queued-frame.ts";
import { Rfc8289Queue } from "./rfc8289.ts";

const flow = new Flow();

function queued(bytes: number, nowMs: number, hasSender = true): QueuedFrame {
  const frame = new QueuedFrame(new Uint8Array(bytes), "message", flow, nowMs);
  if (hasSender) frame.onSettled = () => {};
  return frame;
}

/** Arrivals and departures at random moments, 10 ms apart on average; sometimes a long silence. */
function* traffic(rng: Rng, arrivals: number): Iterable<"arrive" | "serve" | number> {
  for (let i = 0; i < 1_000; i++) {
    yield rng.next() < 0.005 ? rng.next() * 4_000 : rng.next() * 20;
    yield rng.next() < arrivals ? "arrive" : "serve";
  }
}

test("it drops exactly what the pseudocode of RFC 8289 drops", () => {
  let drops = 0;
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0.4, max: 0.8, noNaN: true }), (seed, arrivals) => {
      const [codel, list, oracle] = [new CoDel(), new FrameList(), new Rfc8289Queue()];
      const rng = seededRng(seed);
      const ids = new Map<QueuedFrame, number>();
      const seen: (number | undefined)[][] = [];
      const wanted: (number | undefined)[][] = [];
      // The pseudocode takes 0 for "never", so that time must not begin there.
      let nowMs = 1;
      for (const event of traffic(rng, arrivals)) {
        if (typeof event === "number") nowMs += event;
        else if (event === "arrive") {
          const frame = queued(Math.floor(rng.next() * 1_500), nowMs);
          ids.set(frame, ids.size);
          list.addLast(frame);
          oracle.enque({ id: ids.size - 1, size: frame.bytes, tstamp: nowMs });
        } else {
          const refused: QueuedFrame[] = [];
          const taken = codel.take(list, nowMs, refused);
          seen.push([taken && ids.get(taken), ...refused.map((each) => ids.get(each))]);
          wanted.push([oracle.deque(nowMs)?.id, ...oracle.takeDropped()]);
          drops += refused.length;
        }
      }
      expect(seen).toEqual(wanted);
    }),
    { seed: 44, numRuns: 40 },
  );
  expect(drops).toBeGreaterThan(1_000);
});

test("a queue that stands for long is shortened ever faster, as the pseudocode does it", () => {
  const [codel, list, oracle] = [new CoDel(), new FrameList(), new Rfc8289Queue()];
  const [taken, expected, refusals]: [number[], number[], number[]] = [[], [], []];
  const ids = new Map<QueuedFrame, number>();
  for (let nowMs = 1; nowMs < 3_001; nowMs += 10) {
    for (let i = 0; i < 2; i++) {
      const frame = queued(1_000, nowMs);
      ids.set(frame, ids.size);
      list.addLast(frame);
      oracle.enque({ id: ids.size - 1, size: 1_000, tstamp: nowMs });
    }
    const refused: QueuedFrame[] = [];
    taken.push(ids.get(codel.take(list, nowMs, refused) as QueuedFrame) as number);
    expected.push(oracle.deque(nowMs)?.id as number);
    refusals.push(...refused.map(() => nowMs));
  }
  expect(taken).toEqual(expected);
  const dropsIn = (second: number): number =>
    refusals.filter((atMs) => Math.floor(atMs / 1_000) === second).length;
  expect(dropsIn(0)).toBeGreaterThan(10);
  expect(dropsIn(1)).toBeGreaterThan(1.5 * dropsIn(0));
  expect(dropsIn(2)).toBeGreaterThan(dropsIn(1));
});

test("a wait below the target, or above it for less than an interval, refuses nobody", () => {
  const [codel, list, refused] = [new CoDel(), new FrameList(), [] as QueuedFrame[]];
  for (let nowMs = 0; nowMs < 10_000; nowMs += 1) {
    list.addLast(queued(100, nowMs));
    if (nowMs >= CODEL_TARGET_MS - 1) codel.take(list, nowMs, refused);
  }
  expect(refused).toEqual([]);
  for (let i = 0; i < 50; i++) list.addLast(queued(100, 10_000));
  for (let i = 0; i < 50; i++) codel.take(list, 10_010 + i, refused);
  expect(10_060).toBeLessThan(10_010 + CODEL_INTERVAL_MS);
  expect(refused).toEqual([]);
});

test("a sender who waits for each of his frames is never refused, however slow the line is", () => {
  const [codel, list, refused] = [new CoDel(), new FrameList(), [] as QueuedFrame[]];
  for (let nowMs = 0; nowMs < 100_000; nowMs += 500) {
    list.addLast(queued(16_384, nowMs));
    expect(codel.take(list, nowMs + 500, refused)).toBeDefined();
  }
  expect(refused).toEqual([]);
});

test("a frame whose sender cannot be told passes, and counts as one that was refused", () => {
  const [codel, list, oracle] = [new CoDel(), new FrameList(), new CoDel()];
  const refused: QueuedFrame[] = [];
  for (let i = 0; i < 1_000; i++) list.addLast(queued(1_000, 0, false));
  let passed = 0;
  for (let nowMs = 200; list.bytes > 0; nowMs += 10) {
    if (codel.take(list, nowMs, refused)) passed += 1;
  }
  expect(passed).toBe(1_000);
  expect(refused).toEqual([]);
  // Those behind it who can be told are refused at the same moments as if it had been one of them.
  const mixed = new FrameList();
  for (let i = 0; i < 1_000; i++) mixed.addLast(queued(1_000, 0, i % 2 === 0));
  for (let nowMs = 200; mixed.bytes > 0; nowMs += 10) oracle.take(mixed, nowMs, refused);
  expect(refused.length).toBeGreaterThan(20);
  expect(refused.every(({ onSettled }) => onSettled)).toBe(true);
});

test("a frame whose sender does not agree to it is never refused", () => {
  const [codel, list] = [new CoDel(), new FrameList()];
  const refused: QueuedFrame[] = [];
  for (let i = 0; i < 1_000; i++) {
    const frame = queued(1_000, 0);
    frame.refusable = i % 2 === 0;
    list.addLast(frame);
  }
  for (let nowMs = 200; list.bytes > 0; nowMs += 10) codel.take(list, nowMs, refused);

  expect(refused.length).toBeGreaterThan(20);
  expect(refused.every(({ refusable }) => refusable)).toBe(true);
});
