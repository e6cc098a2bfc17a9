import { NetworkError, type Rng, seededRng } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { SendCredit } from "../../src/credit/send-credit.ts";
import { openScene } from "./scene.ts";

const TYPES = ["heartbeat", "tool-call", "video", "message", "bulk", "one", "another"] as const;
const policies = {
  video: { priority: "high", maxBandwidth: 0.5 },
  bulk: { priority: "low", maxBandwidth: 1 },
} as const;

interface Sent {
  readonly type: string;
  readonly isKeyed: boolean;
  fates: number;
}

/** Frames of all kinds, a link that opens and shuts, credit, time that passes, senders that change their minds. */
async function play(rng: Rng): Promise<void> {
  const credit = new SendCredit(20_000);
  const manager = { policies, maxBandwidth: 2, maxQueuedBytes: 300_000 };
  const { clock, gate, queue, qos } = openScene({ credit, room: 5, maxBytes: 200_000 }, manager);
  const sent: Sent[] = [];
  const left: number[] = [];
  let limit = 20_000;
  gate.onSend = (frame) => left.push(new DataView(frame.buffer).getUint32(0));
  const send = (): void => {
    const bytes = new Uint8Array(4 + Math.floor(rng.next() ** 3 * 40_000));
    new DataView(bytes.buffer).setUint32(0, sent.length);
    const type = TYPES[Math.floor(rng.next() * TYPES.length)] as string;
    const isKeyed = rng.next() < 0.2;
    const one: Sent = { type, isKeyed, fates: 0 };
    const options = {
      ...(isKeyed && { coalesceKey: rng.next() < 0.5 ? "a" : "b" }),
      ...(rng.next() < 0.3 && { deadlineMs: rng.next() * 300 }),
    };
    sent.push(one);
    const done = (): void => {
      one.fates += 1;
    };
    if (rng.next() < 0.5) {
      const controller = new AbortController();
      queue.send(bytes, { type, signal: controller.signal, ...options }).then(done, done);
      if (rng.next() < 0.2) clock.setTimeout(() => controller.abort(), rng.next() * 200);
      return;
    }
    try {
      queue.offer(bytes, type, { ...options, onSettled: done });
    } catch (error) {
      expect(error).toBeInstanceOf(NetworkError);
      done();
    }
  };
  for (let step = 0; step < 400; step++) {
    const dice = rng.next();
    if (dice < 0.6) send();
    else if (dice < 0.75) await clock.advance(rng.next() * 20);
    else if (dice < 0.9) {
      gate.open(Math.floor(rng.next() * 6));
      await settle();
    } else if (dice < 0.98) {
      limit += Math.floor(rng.next() * 60_000);
      credit.granted(limit);
    } else qos.setPolicy("video", { priority: "low", maxBandwidth: 0.1 + rng.next() });
    expect(queue.queuedBytes).toBeLessThanOrEqual(200_000 + 64 * 1024);
  }
  credit.granted(1e9);
  for (let i = 0; i < 20; i++) {
    gate.open(1_000);
    await clock.advance(2_000);
  }
  expect(sent.every(({ fates }) => fates === 1)).toBe(true);
  expect([queue.queuedFrames, queue.queuedBytes, clock.pending]).toEqual([0, 0, 0]);
  expect(new Set(left).size).toBe(left.length);
  for (const type of TYPES) {
    const order = left.filter((id) => sent[id]?.type === type && !sent[id].isKeyed);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  }
  expect(left.length).toBeGreaterThan(40);
}

test("with everything at once each frame has one fate, each type its order, and nothing is left behind", async () => {
  for (let seed = 0; seed < 12; seed++) await play(seededRng(seed));
});
