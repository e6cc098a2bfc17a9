import { AbortedError, ClosedError, ProtocolError, seededRng, ValidationError } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { CHUNK_BYTES } from "../../src/credit/chunks.ts";
import { INITIAL_CREDIT_BYTES } from "../../src/credit/credit-need.ts";
import { ReceiveCredit } from "../../src/credit/receive-credit.ts";
import { SendCredit } from "../../src/credit/send-credit.ts";

test("the sender may send what the receiver allows in all, and no more", () => {
  const credit = new SendCredit(100);
  expect(credit.tryTake(60)).toBe(true);
  expect(credit.tryTake(60)).toBe(false);
  expect(credit.availableBytes).toBe(40);
  credit.granted(120);
  expect(credit.tryTake(60)).toBe(true);
  expect(credit.availableBytes).toBe(0);
});

test("an announcement that comes twice or late changes nothing; one that is no amount is refused", () => {
  const credit = new SendCredit(100);
  for (const limit of [200, 200, 150, 0]) credit.granted(limit);
  expect(credit.availableBytes).toBe(200);
  for (const limit of [Number.NaN, -1, 1.5, 2 ** 60, Number.POSITIVE_INFINITY]) {
    expect(() => credit.granted(limit)).toThrow(ProtocolError);
  }
  expect(credit.availableBytes).toBe(200);
});

test("a frame larger than a chunk goes with the credit of a chunk, and those after it pay", () => {
  const credit = new SendCredit(CHUNK_BYTES);
  expect(credit.tryTake(1_000_000)).toBe(true);
  expect(credit.availableBytes).toBe(CHUNK_BYTES - 1_000_000);
  expect(credit.tryTake(0)).toBe(false);
  credit.granted(1_000_001);
  expect(credit.tryTake(2)).toBe(false);
  expect(credit.tryTake(1)).toBe(true);
});

test("those who wait are served in the order they came, a small one not before a large one", async () => {
  const credit = new SendCredit(0);
  const order: string[] = [];
  const takes = [
    credit.take(1_000).then(() => order.push("large")),
    credit.take(10).then(() => order.push("small")),
  ];
  credit.granted(500);
  await settle();
  expect(order).toEqual([]);
  expect(credit.tryTake(1)).toBe(false);
  credit.granted(1_010);
  await Promise.all(takes);
  expect(order).toEqual(["large", "small"]);
});

test("an abort ends the waiting, and lets the next one go", async () => {
  const credit = new SendCredit(100);
  const controller = new AbortController();
  const large = credit.take(1_000, { signal: controller.signal });
  const small = credit.take(100);
  controller.abort();
  await expect(large).rejects.toThrow(AbortedError);
  await small;
  await expect(credit.take(1, { signal: controller.signal })).rejects.toThrow(AbortedError);
});

test("when the link is lost, whoever waits gets a ClosedError, and so does who comes later", async () => {
  const credit = new SendCredit(0);
  const waits = [credit.take(1), credit.take(2)];
  credit.close(new Error("gone"));
  credit.close();
  for (const wait of waits) await expect(wait).rejects.toThrow(ClosedError);
  await expect(credit.take(1)).rejects.toMatchObject({ cause: { message: "gone" } });
});

test("credit that was given back serves who waits", async () => {
  const credit = new SendCredit(100);
  credit.tryTake(100);
  const wait = credit.take(50);
  credit.giveBack(60);
  await wait;
  expect(credit.availableBytes).toBe(10);
  for (const bytes of [91, -1, Number.NaN]) {
    expect(() => credit.giveBack(bytes)).toThrow(ValidationError);
  }
  expect(credit.availableBytes).toBe(10);
});

test("a frame without credit is a ProtocolError", () => {
  const credit = new ReceiveCredit(undefined, CHUNK_BYTES);
  credit.received(CHUNK_BYTES);
  expect(() => credit.received(1)).toThrow(ProtocolError);
  const chunked = new ReceiveCredit(undefined, 2 * CHUNK_BYTES);
  chunked.received(CHUNK_BYTES + 1);
  expect(() => chunked.received(CHUNK_BYTES)).toThrow("came with 16383 bytes of credit");
});

test("the receiver announces when an eighth of the window is free", () => {
  const credit = new ReceiveCredit({ windowBytes: 100_000 }, 100_000);
  credit.received(30_000);
  expect(credit.consumed(12_499)).toBeUndefined();
  expect(credit.consumed(1)).toBe(112_500);
  expect(credit.limitBytes).toBe(112_500);
  expect(credit.consumed(5_000)).toBeUndefined();
});

test("beside a frame that leaves half of that is announced, and once", () => {
  const credit = new ReceiveCredit({ windowBytes: 100_000 }, 100_000);
  expect(credit.ride()).toBeUndefined();
  credit.received(30_000);
  expect([credit.consumed(6_249), credit.ride()]).toEqual([undefined, undefined]);
  expect([credit.consumed(1), credit.ride()]).toEqual([undefined, 106_250]);
  expect([credit.limitBytes, credit.ride()]).toEqual([106_250, undefined]);
  expect([credit.consumed(12_499), credit.consumed(1)]).toEqual([undefined, 118_750]);
  expect([credit.limitBytes, credit.ride()]).toEqual([118_750, undefined]);
});

test("what became free of a window that has shrunk meanwhile is not announced", () => {
  const window = { windowBytes: 100_000 };
  const credit = new ReceiveCredit(window, 100_000);
  credit.received(30_000);
  credit.consumed(7_000);
  window.windowBytes = 50_000;
  expect([credit.consumed(1), credit.ride(), credit.limitBytes]).toEqual([
    ...[undefined, undefined, 100_000],
  ]);
});

test("a beginning that would allow not even a chunk is a ValidationError, and so is no amount", () => {
  for (const bytes of [0, CHUNK_BYTES - 1, Number.NaN]) {
    expect(() => new ReceiveCredit(undefined, bytes)).toThrow(ValidationError);
  }
  expect(() => new ReceiveCredit().received(Number.NaN)).toThrow(ValidationError);
  expect(() => new SendCredit(-1)).toThrow(ValidationError);
});

test("consuming what never came is a ValidationError", () => {
  const credit = new ReceiveCredit();
  credit.received(10);
  for (const bytes of [11, -1, Number.NaN]) {
    expect(() => credit.consumed(bytes)).toThrow(ValidationError);
  }
  expect(credit.heldBytes).toBe(10);
});

test("a window that is no number is a ValidationError, and announces nothing", () => {
  const window = { windowBytes: Number.NaN };
  const credit = new ReceiveCredit(window);
  credit.received(20_000);
  expect(() => credit.consumed(20_000)).toThrow(ValidationError);
  expect(credit.limitBytes).toBe(INITIAL_CREDIT_BYTES);
  window.windowBytes = INITIAL_CREDIT_BYTES;
  expect(credit.consumed(20_000)).toBe(20_000 + INITIAL_CREDIT_BYTES);
});

test("a window that shrinks takes nothing back, and one that is too small counts as the least", () => {
  const window = { windowBytes: 200_000 };
  const credit = new ReceiveCredit(window, 200_000);
  window.windowBytes = 1;
  credit.received(170_000);
  expect(credit.consumed(170_000)).toBeUndefined();
  credit.received(20_000);
  expect(credit.consumed(20_000)).toBe(190_000 + INITIAL_CREDIT_BYTES);
});

test("with any window that changes all the time, nobody waits for ever: neither for frames nor for credit", () => {
  for (let seed = 0; seed < 100; seed++) {
    const rng = seededRng(seed);
    const window = { windowBytes: 0 };
    const [receiver, sender] = [new ReceiveCredit(window), new SendCredit()];
    const underway: number[] = [];
    const announced: number[] = [];
    let toSend = 500;
    let next = 0;
    const steps = {
      send: () => {
        if (toSend === 0 || !sender.tryTake(next)) return false;
        underway.push(next);
        toSend -= 1;
        next = Math.floor(rng.next() ** 4 * 400_000);
        return true;
      },
      consume: () => {
        const bytes = underway.shift();
        if (bytes === undefined) return false;
        receiver.received(bytes);
        window.windowBytes = rng.next() * 300_000;
        const limit = receiver.consumed(bytes);
        if (limit !== undefined) announced.push(limit);
        return true;
      },
      hear: () => {
        const limit = announced.shift();
        if (limit !== undefined) sender.granted(limit);
        return limit !== undefined;
      },
    };
    const all = Object.values(steps);
    // As long as anything at all can move, it moves, in a random order.
    for (let moved = true; moved; ) {
      moved = false;
      for (const step of all.toSorted(() => rng.next() - 0.5)) moved = step() || moved;
    }
    expect(toSend).toBe(0);
  }
});

test("the part that is announced may be up to a half", () => {
  const credit = new ReceiveCredit({ windowBytes: 1_048_576 }, 1_048_576, { announcedPart: 1 / 2 });
  credit.received(1_048_576);
  expect(credit.consumed(524_287)).toBeUndefined();
  expect(credit.consumed(1)).toBe(1_572_864);
  for (const announcedPart of [0, -1, 0.6, Number.NaN]) {
    expect(() => new ReceiveCredit(undefined, undefined, { announcedPart })).toThrow(
      ValidationError,
    );
  }
});
