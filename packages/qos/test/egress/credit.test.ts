import { seededRng } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { CHUNK_BYTES } from "../../src/credit/chunks.ts";
import { ReceiveCredit } from "../../src/credit/receive-credit.ts";
import { SendCredit } from "../../src/credit/send-credit.ts";
import { frame } from "./gate.ts";
import { blockedScene, openScene } from "./scene.ts";

test("frames wait for the receiver's credit, and go when it comes", () => {
  const credit = new SendCredit(2 * CHUNK_BYTES);
  const { gate, queue } = openScene({ credit });
  for (let mark = 1; mark <= 4; mark++) queue.offer(frame(mark, CHUNK_BYTES), "bulk");
  expect(gate.taken).toEqual([1, 2]);
  credit.granted(3 * CHUNK_BYTES);
  expect(gate.taken).toEqual([1, 2, 3]);
  credit.granted(9 * CHUNK_BYTES);
  expect(gate.taken).toEqual([1, 2, 3, 4]);
});

test("critical frames need none, and pass those that wait for it", () => {
  const credit = new SendCredit(0);
  const { gate, queue } = openScene({ credit });
  for (let mark = 1; mark <= 3; mark++) queue.offer(frame(mark), "message");
  expect(queue.offer(frame(9), "heartbeat")).toBe(true);
  expect(gate.taken).toEqual([9]);
  credit.granted(3);
  expect(gate.taken).toEqual([9, 1, 2, 3]);
});

test("the most urgent that waits for credit takes it, and small ones do not overtake it", () => {
  const credit = new SendCredit(0);
  const { gate, queue } = openScene({ credit });
  queue.offer(frame(1, 10), "bulk");
  queue.offer(frame(2, 1_000), "tool-call");
  credit.granted(500);
  expect(gate.taken).toEqual([]);
  credit.granted(1_500);
  expect(gate.taken).toEqual([2, 1]);
});

test("a smaller one in the place of one that lacked credit goes", async () => {
  const credit = new SendCredit(100);
  const { gate, queue } = openScene({ credit });
  const large = queue.send(frame(1, 200), { type: "message", coalesceKey: "x" });
  expect(queue.offer(frame(2, 50), "message", { coalesceKey: "x" })).toBe(true);
  expect(await large).toBe("superseded");
  expect(gate.taken).toEqual([2]);
});

test("a more urgent one that comes later uses what was too little for a chunk, but cannot starve it", () => {
  const credit = new SendCredit(10_000);
  const { gate, queue } = openScene({ credit });
  queue.offer(frame(1, CHUNK_BYTES), "bulk");
  expect(queue.offer(frame(2, 100), "tool-call")).toBe(true);
  let limit = 10_000;
  for (let i = 0; i < 1_000 && !gate.taken.includes(1); i++) {
    queue.offer(frame(2, 1_000), "tool-call");
    limit += 1_000;
    credit.granted(limit);
  }
  expect(gate.taken.at(-1)).toBe(1);
  expect(gate.taken.length).toBeLessThan(40);
});

test("a frame that the overloaded link refused gives its credit back", async () => {
  const credit = new SendCredit(1_000);
  const { gate, queue } = openScene({ credit, room: 0 });
  gate.strict = true;
  queue.offer(frame(1, 600), "message");
  expect(credit.availableBytes).toBe(1_000);
  gate.open(5);
  await settle();
  expect(gate.taken).toEqual([1]);
  expect(credit.availableBytes).toBe(400);
});

test("aborting what waits for credit lets a smaller one go", async () => {
  const credit = new SendCredit(100);
  const { gate, queue } = openScene({ credit });
  const controller = new AbortController();
  const large = queue.send(frame(1, 200), { type: "message", signal: controller.signal });
  queue.offer(frame(2, 50), "message");
  controller.abort();
  await expect(large).rejects.toMatchObject({ code: "ABORTED" });
  expect(gate.taken).toEqual([2]);
});

test("when the link is lost, who waits for credit hears it, and credit that comes later does nothing", async () => {
  const credit = new SendCredit(0);
  const { gate, queue } = openScene({ credit });
  const waiting = queue.send(frame(1), { type: "message" });
  queue.close(new Error("the link was lost"));
  await expect(waiting).rejects.toMatchObject({ code: "CLOSED" });
  credit.granted(1_000);
  expect(gate.taken).toEqual([]);
});

test("whatever is sent, and whenever it is consumed: nothing gets stuck, and the receiver holds no more than its window", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const rng = seededRng(seed);
    const credit = new SendCredit();
    const receive = new ReceiveCredit();
    const { gate, queue, clock } = openScene({ credit, maxBytes: 1e9 });
    const held: number[] = [];
    gate.onSend = ({ byteLength }) => {
      receive.received(byteLength);
      held.push(byteLength);
    };
    const consume = (): void => {
      const bytes = held.shift();
      const limit = bytes === undefined ? undefined : receive.consumed(bytes);
      if (limit !== undefined) credit.granted(limit);
    };
    let [offered, most] = [0, 0];
    for (let i = 0; i < 300; i++) {
      const bytes = Math.floor(rng.next() ** 3 * 100_000);
      most = Math.max(most, bytes);
      queue.offer(frame(1, bytes), rng.next() < 0.5 ? "message" : "tool-call");
      offered += 1;
      while (rng.next() < 0.4) consume();
      expect(receive.heldBytes).toBeLessThanOrEqual(2 * CHUNK_BYTES + most);
    }
    while (held.length > 0) consume();
    expect(gate.taken).toHaveLength(offered);
    expect([queue.queuedFrames, clock.pending]).toEqual([0, 0]);
  }
});

test("a link that is blocked and out of credit needs both", async () => {
  const credit = new SendCredit(1);
  const { gate, queue } = blockedScene({ credit });
  queue.offer(frame(1, 10), "message");
  credit.granted(100);
  expect(gate.taken).toEqual([0]);
  gate.open(5);
  await settle();
  expect(gate.taken).toEqual([0, 1]);
});
