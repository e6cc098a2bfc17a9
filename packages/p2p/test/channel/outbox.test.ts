import { systemClock } from "@net/core";
import { settle } from "@net/core/testing";
import { type EgressOptions, type EgressQueue, QoSManager, SendCredit } from "@net/qos";
import { expect, test } from "vitest";
import { Assembly } from "../../src/channel/assembly.ts";
import { Outbox } from "../../src/channel/outbox.ts";
import { SendRoom } from "../../src/channel/send-room.ts";
import { FrameKind } from "../../src/wire/kinds.ts";
import { type MessageParts, sizeOf } from "../../src/wire/parts.ts";
import { decodePiece, PIECE_BYTES, PieceState } from "../../src/wire/piece.ts";

const MAX = 1024 * 1024;
const never: AbortSignal = new AbortController().signal;

/** An outbox before a link that takes so much, and what it has taken, put together again. */
function sending(
  creditBytes: number,
  options: EgressOptions = {},
): {
  outbox: Outbox;
  egress: EgressQueue;
  credit: SendCredit;
  messages: Uint8Array[];
  states: number[];
  /** How many messages were half there at the same time. */
  mostPartial: () => number;
} {
  const partial = new Set<number>();
  let mostPartial = 0;
  const assembly = new Assembly(MAX);
  const credit = new SendCredit(creditBytes);
  const messages: Uint8Array[] = [];
  const states: number[] = [];
  const send = (frame: Uint8Array): boolean => {
    const own = Uint8Array.from(frame);
    if (own[0] !== FrameKind.piece) return messages.push(own) > 0;
    const { message, state, bytes } = decodePiece(own);
    states.push(state);
    if (state === PieceState.more) partial.add(message);
    else partial.delete(message);
    mostPartial = Math.max(mostPartial, partial.size);
    if (state === PieceState.abandoned) assembly.abandon(message);
    const whole = assembly.add(message, bytes, state === PieceState.last);
    if (whole) messages.push(whole);
    return true;
  };
  const sink = { send, drained: () => Promise.resolve() };
  const egress = new QoSManager({ clock: systemClock }).createEgress("peer", sink, {
    ...options,
    credit,
  });
  const outbox = new Outbox(
    egress,
    new SendRoom({ maxMessageBytes: MAX, clock: systemClock }),
    systemClock,
  );
  return { outbox, egress, credit, messages, states, mostPartial: () => mostPartial };
}

const parts = (size: number, value: number): MessageParts => ({
  head: Uint8Array.of(0x93, value),
  body: new Uint8Array(size - 2).fill(value),
});
/** One that was sent without a promise is sent. */
const settled = (sending: Promise<void> | undefined): Promise<void> => sending ?? Promise.resolve();
const flat = ({ head, body }: MessageParts): Buffer => Buffer.concat([head, body]);

test("a part of a stream of any size comes as it was, whatever becomes of its memory", () => {
  const { outbox, messages } = sending(100 * MAX);
  const sizes = [
    2,
    3_000,
    5_000,
    16_384,
    16_385,
    PIECE_BYTES * 2,
    PIECE_BYTES * 2 + 1,
    65_545,
    MAX,
  ];
  const expected = sizes.map((size, n) => {
    const message = parts(size, n);
    const copy = flat(message);
    expect(outbox.stream(message, "stream", never)).toBeUndefined();
    message.body.fill(0xff);
    return copy;
  });

  expect(messages.map((message) => Buffer.compare(message, expected.shift() ?? message))).toEqual(
    sizes.map(() => 0),
  );
});

test("a stream waits when much of it does, and goes on with it in order", async () => {
  const { outbox, egress, credit, messages } = sending(32 * 1024);
  let sent = 0;
  const streaming = (async () => {
    for (; sent < 40; sent++) {
      const later = outbox.stream(parts(65_545, sent), "stream", never);
      if (later) await later;
    }
  })();
  await settle();
  expect(sent).toBeLessThan(8);
  expect(egress.queuedBytes).toBeLessThan(512 * 1024);
  for (let limit = 1; limit <= 30; limit++) {
    credit.granted(limit * 100_000);
    await settle();
    expect(egress.queuedBytes).toBeLessThan(512 * 1024);
  }
  await streaming;

  expect(messages.map((message) => message[1])).toEqual(Array.from({ length: 40 }, (_, n) => n));
  expect(new Set(messages.map(({ byteLength }) => byteLength))).toEqual(new Set([65_545]));
});

test("of many streams each part comes in one go, so that the other end never has two of them half", async () => {
  const { outbox, credit, messages, mostPartial } = sending(32 * 1024);
  const streams = Array.from({ length: 100 }, (_, n) =>
    outbox.stream(parts(65_545, n), "stream", never),
  );
  for (let limit = 1; limit <= 70; limit++) {
    credit.granted(limit * 100_000);
    await settle();
  }
  await Promise.all(streams.map(settled));

  expect(messages.map((message) => message[1])).toEqual(Array.from({ length: 100 }, (_, n) => n));
  expect(mostPartial()).toBe(1);
});

test("one that waits is not sent when it is given up, and those behind it are", async () => {
  const { outbox, credit, messages } = sending(32 * 1024);
  const controller = new AbortController();
  void outbox.stream(parts(600_000, 1), "stream", never);
  const given = outbox.stream(parts(65_545, 2), "stream", controller.signal);
  const behind = outbox.stream(parts(65_545, 3), "stream", never);
  controller.abort();
  await expect(given).rejects.toMatchObject({ code: "ABORTED" });
  credit.granted(10 * MAX);
  await behind;
  await settle();

  expect(messages.map((message) => message[1])).toEqual([1, 3]);
});

test("those that other types fill the queue before wait for their own frames only, and go on", async () => {
  const { outbox, egress, credit, messages } = sending(32 * 1024);
  for (let n = 0; n < 30; n++) egress.offer(new Uint8Array(16_000).fill(0x90), "bulk");
  const streams = Array.from({ length: 12 }, (_, n) =>
    outbox.stream(parts(65_545, n), "stream", never),
  );
  credit.granted(10 * MAX);
  await Promise.all(streams.map(settled));
  await settle();

  expect(messages).toHaveLength(30 + 12);
});

test("one that is not taken whole tells the other end that the rest does not come", async () => {
  const { outbox, credit, states } = sending(32 * 1024, { maxBytes: 200_000 });
  expect(() => outbox.stream(parts(600_000, 1), "stream", never)).toThrow(
    expect.objectContaining({ code: "OVERLOADED" }),
  );
  credit.granted(10 * MAX);
  await settle();

  expect(states.at(-1)).toBe(PieceState.abandoned);
});

test("one that is too large is refused, and nothing of it is sent", () => {
  const { outbox, messages, states } = sending(100 * MAX);
  const large = parts(MAX + 1, 1);
  expect(sizeOf(large)).toBe(MAX + 1);
  expect(() => outbox.stream(large, "stream", never)).toThrow(
    expect.objectContaining({ code: "FRAME_TOO_LARGE" }),
  );
  expect([messages, states]).toEqual([[], []]);
});

test("those that wait when the queue is closed are told", async () => {
  const { outbox, egress } = sending(32 * 1024);
  void outbox.stream(parts(600_000, 1), "stream", never);
  const waiting = [2, 3].map((n) => outbox.stream(parts(65_545, n), "stream", never));
  egress.close();

  for (const each of waiting) await expect(each).rejects.toMatchObject({ code: "CLOSED" });
});

test("after the queue was closed a stream is refused", () => {
  const { outbox, egress } = sending(MAX);
  egress.close();
  for (const size of [100, 5_000, 65_545]) {
    expect(() => outbox.stream(parts(size, 1), "stream", never)).toThrow(
      expect.objectContaining({ code: "CLOSED" }),
    );
  }
});
