import { seededRng } from "@net/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Flow } from "../../src/egress/flow.ts";
import { QueuedFrame } from "../../src/egress/queued-frame.ts";
import { Scheduler } from "../../src/egress/scheduler.ts";
import { PRIORITIES, type Priority } from "../../src/priority.ts";
import { TokenBucket } from "../../src/shaping/token-bucket.ts";

function flowOf(priority: Priority, bucket?: TokenBucket): Flow {
  const flow = new Flow();
  flow.treat(priority, bucket);
  return flow;
}

/** Nobody can be told: CoDel refuses nothing. */
function add(scheduler: Scheduler, flow: Flow, bytes: number, nowMs = 0): QueuedFrame {
  const frame = new QueuedFrame(new Uint8Array(bytes), "any", flow, nowMs);
  scheduler.add(frame);
  return frame;
}

/** Serves flows that always have frames of these sizes until so many bytes have left; what each of them got. */
function saturate(
  flows: readonly Flow[],
  sizes: readonly (() => number)[],
  total: number,
): number[] {
  const scheduler = new Scheduler();
  const got = flows.map(() => 0);
  const fill = (i: number): void => {
    add(scheduler, flows[i] as Flow, (sizes[i] as () => number)());
  };
  for (const i of flows.keys()) for (let n = 0; n < 3; n++) fill(i);
  for (let sum = 0; sum < total; ) {
    const frame = scheduler.next(0, false) as QueuedFrame;
    scheduler.sent(frame, 0);
    const i = flows.indexOf(frame.flow);
    got[i] = (got[i] as number) + frame.bytes;
    sum += frame.bytes;
    fill(i);
  }
  return got;
}

const size = fc.record({ min: fc.integer({ min: 1, max: 2_000 }), span: fc.nat(16_384) });

test("high, normal and low share as 8 to 4 to 1, within 5 %, whatever the sizes of their frames", () => {
  fc.assert(
    fc.property(fc.tuple(size, size, size), fc.nat(), (ranges, seed) => {
      const rng = seededRng(seed);
      const flows = (["high", "normal", "low"] as const).map((each) => flowOf(each));
      const sizes = ranges.map(
        ({ min, span }) =>
          () =>
            min + Math.floor(rng.next() * span),
      );
      const total = 6_000_000;
      const got = saturate(flows, sizes, total);
      for (const [i, weight] of [8, 4, 1].entries()) {
        expect(Math.abs((got[i] as number) / total / (weight / 13) - 1)).toBeLessThan(0.05);
      }
    }),
    { seed: 45, numRuns: 15 },
  );
});

test("flows of one class share it evenly, whatever the sizes of their frames", () => {
  const flows = [flowOf("normal"), flowOf("normal"), flowOf("normal")];
  const got = saturate(flows, [() => 100, () => 16_384, () => 1_500], 6_000_000);
  for (const bytes of got) expect(Math.abs(bytes / 2_000_000 - 1)).toBeLessThan(0.05);
});

test("a flow that was alone for long owes nothing to one that comes", () => {
  const scheduler = new Scheduler();
  const flows = [flowOf("normal"), flowOf("normal")] as const;
  for (let i = 0; i < 10_000; i++) {
    add(scheduler, flows[0], 1_000);
    scheduler.sent(scheduler.next(0, false) as QueuedFrame, 0);
  }
  for (const flow of flows) for (let i = 0; i < 1_000; i++) add(scheduler, flow, 1_000);
  const got = [0, 0];
  for (let i = 0; i < 1_000; i++) {
    const frame = scheduler.next(0, false) as QueuedFrame;
    scheduler.sent(frame, 0);
    got[flows.indexOf(frame.flow)] = (got[flows.indexOf(frame.flow)] ?? 0) + 1;
  }
  expect(Math.abs((got[0] ?? 0) - (got[1] ?? 0))).toBeLessThan(40);
});

test("a class that sends frames of a megabyte gets its part, and no more", () => {
  const flows = [flowOf("high"), flowOf("low")];
  const got = saturate(flows, [() => 1_000, () => 1_048_576], 90_000_000);
  expect(Math.abs((got[1] as number) / 10_000_000 - 1)).toBeLessThan(0.1);
});

test("empty frames are not for nothing: those who send only such do not starve the others", () => {
  const scheduler = new Scheduler();
  const [high, low] = [flowOf("high"), flowOf("low")];
  for (const flow of [high, low]) for (let i = 0; i < 3; i++) add(scheduler, flow, 0);
  let served = 0;
  for (let i = 0; i < 60_000; i++) {
    const frame = scheduler.next(0, false) as QueuedFrame;
    scheduler.sent(frame, 0);
    if (frame.flow === low) served += 1;
    add(scheduler, frame.flow, 0);
  }
  expect(served).toBeGreaterThan(5_000);
});

test("critical frames go first for a tenth of the bytes; beyond that they compete as high ones", () => {
  const flows = PRIORITIES.map((each) => flowOf(each));
  const total = 10_000_000;
  const got = saturate(flows, [() => 50, () => 1_000, () => 1_000, () => 1_000], total);
  const expected = [0.1 + (0.9 * 8) / 21, (0.9 * 8) / 21, (0.9 * 4) / 21, (0.9 * 1) / 21];
  for (const [i, share] of expected.entries()) {
    expect(Math.abs((got[i] as number) / total / share - 1)).toBeLessThan(0.05);
  }
});

test("a heartbeat now and then passes all that waits", () => {
  const scheduler = new Scheduler();
  const [heartbeats, bulk] = [flowOf("critical"), flowOf("low")];
  for (let i = 0; i < 1_000; i++) add(scheduler, bulk, 16_384);
  for (let i = 0; i < 900; i++) {
    const beat = i % 3 === 0 ? add(scheduler, heartbeats, 50) : undefined;
    const frame = scheduler.next(0, false) as QueuedFrame;
    scheduler.sent(frame, 0);
    if (beat) expect(frame).toBe(beat);
  }
});

test("critical frames alone cost nothing of what they may take before others", () => {
  const scheduler = new Scheduler();
  const [heartbeats, bulk] = [flowOf("critical"), flowOf("low")];
  for (let i = 0; i < 10_000; i++) {
    add(scheduler, heartbeats, 100);
    scheduler.sent(scheduler.next(0, false) as QueuedFrame, 0);
  }
  add(scheduler, bulk, 100);
  for (let i = 0; i < 1_000; i++) add(scheduler, heartbeats, 100);
  let first = 0;
  for (let flow = heartbeats; flow === heartbeats; first++) {
    const frame = scheduler.next(0, false) as QueuedFrame;
    scheduler.sent(frame, 0);
    flow = frame.flow;
  }
  // The burst before their turn, and then a round as those that compete.
  expect(first * 100).toBeGreaterThan(2 * 16_000);
  expect(first * 100).toBeLessThan(2 * 16_384 + 4_000);
});

test("no class starves: low frames leave regularly while all others always have some", () => {
  const scheduler = new Scheduler();
  const flows = PRIORITIES.map((each) => flowOf(each));
  const fill = (flow: Flow): QueuedFrame => add(scheduler, flow, 1_000);
  for (const flow of flows) for (let i = 0; i < 3; i++) fill(flow);
  let [since, longest] = [0, 0];
  for (let i = 0; i < 20_000; i++) {
    const frame = scheduler.next(0, false) as QueuedFrame;
    scheduler.sent(frame, 0);
    since = frame.flow === flows[3] ? 0 : since + frame.bytes;
    longest = Math.max(longest, since);
    fill(frame.flow);
  }
  // A round is (8 + 8 + 4 + 1) × 2 KiB, critical frames jump a tenth of it and a burst, and each class may run over.
  expect(longest).toBeLessThan(1.1 * 21 * 2_048 + 16_384 + 4_000);
});

test("what was idle saves nothing for later, and pays its debts", () => {
  const scheduler = new Scheduler();
  const [high, low] = [flowOf("high"), flowOf("low")];
  for (let i = 0; i < 5_000; i++) add(scheduler, high, 1_000);
  for (let i = 0; i < 4_000; i++) scheduler.sent(scheduler.next(0, false) as QueuedFrame, 0);
  for (let i = 0; i < 1_000; i++) add(scheduler, low, 1_000);
  let low100 = 0;
  for (let i = 0; i < 100; i++) {
    const frame = scheduler.next(0, false) as QueuedFrame;
    scheduler.sent(frame, 0);
    if (frame.flow === low) low100 += 1;
  }
  expect(low100).toBeLessThan(16);
  expect(low100).toBeGreaterThan(6);
});

const step = fc.oneof(
  fc.record({ add: fc.nat(3), bytes: fc.nat(3_000) }),
  fc.record({ serve: fc.nat(3) }),
  fc.record({ waitMs: fc.nat(30) }),
  fc.record({ remove: fc.nat(20) }),
  fc.record({ refuse: fc.constant(true) }),
);

test("it conserves work and each flow's order: what may go goes, and what does not waits for tokens", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const scheduler = new Scheduler();
      const bucket = new TokenBucket({ bytesPerSecond: 20_000, burstBytes: 2_000 });
      const flows = PRIORITIES.map((each) => flowOf(each, each === "normal" ? bucket : undefined));
      const waiting: QueuedFrame[][] = flows.map(() => []);
      let nowMs = 0;
      const serve = (isTaken: boolean): void => {
        scheduler.release(nowMs);
        const frame = scheduler.next(nowMs, false);
        const mayGo = waiting.map((list, i) => {
          const first = list[0];
          return first !== undefined && (i !== 2 || bucket.waitMs(first.bytes, nowMs) === 0);
        });
        expect(frame !== undefined).toBe(mayGo.includes(true));
        if (!frame) return;
        const list = waiting[flows.indexOf(frame.flow)] as QueuedFrame[];
        expect(frame).toBe(list[0]);
        if (isTaken) {
          list.shift();
          scheduler.sent(frame, nowMs);
        } else scheduler.putBack(frame);
      };
      for (const one of steps) {
        if ("add" in one) {
          const frame = add(scheduler, flows[one.add] as Flow, one.bytes, nowMs);
          waiting[one.add]?.push(frame);
        } else if ("serve" in one) for (let i = 0; i <= one.serve; i++) serve(true);
        else if ("waitMs" in one) nowMs += one.waitMs;
        else if ("refuse" in one) serve(false);
        else {
          const list = waiting[one.remove % 4] as QueuedFrame[];
          const [gone] = list.splice(one.remove % Math.max(1, list.length), 1);
          if (gone) scheduler.remove(gone);
        }
      }
    }),
    { seed: 46, numRuns: 300 },
  );
});

test("while only critical frames may go, the others keep their places", () => {
  const scheduler = new Scheduler();
  const [heartbeats, bulk] = [flowOf("critical"), flowOf("low")];
  const chunk = add(scheduler, bulk, 1_000);
  const beats = Array.from({ length: 500 }, () => add(scheduler, heartbeats, 100));
  for (const beat of beats) {
    expect(scheduler.next(0, true)).toBe(beat);
    scheduler.sent(beat, 0);
  }
  expect(scheduler.next(0, true)).toBeUndefined();
  expect(scheduler.next(0, false)).toBe(chunk);
});

test("a flow that is treated in another way takes what waits with it, in order", () => {
  const scheduler = new Scheduler();
  const [one, other] = [flowOf("low"), flowOf("high")];
  const frames = [add(scheduler, one, 10), add(scheduler, one, 10)];
  add(scheduler, other, 10);
  scheduler.reclassify(one, () => one.treat("critical", undefined));
  for (const frame of frames) {
    expect(scheduler.next(0, false)).toBe(frame);
    scheduler.sent(frame, 0);
  }
});
