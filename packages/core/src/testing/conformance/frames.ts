import assert from "node:assert/strict";
import { ValidationError } from "../../errors/kinds.ts";
import { NetworkError } from "../../errors/network-error.ts";
import type { Link } from "../../link/transport.ts";
import { Inbox, numbered, numberOf, openPair, type Scenario } from "./harness.ts";

const FRAMES = 1_000;

export const frames: Readonly<Record<string, Scenario>> = {
  "frames of all sizes arrive whole and in order, both ways at once": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    const inboxes = [new Inbox(pair.dialler), new Inbox(pair.acceptor)];
    await Promise.all([sendAll(pair.dialler, signal), sendAll(pair.acceptor, signal)]);
    for (const inbox of inboxes) {
      const received = await inbox.until(FRAMES, signal);
      for (let i = 0; i < FRAMES; i++) {
        // As bytes: a frame may be any kind of Uint8Array, for instance a Buffer.
        assert.deepEqual(Buffer.from(received[i] ?? []), Buffer.from(patterned(i)));
      }
    }
  },

  "an empty frame is a frame": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    const inbox = new Inbox(pair.acceptor);
    for (const size of [0, 1, 0, 0]) pair.dialler.send(new Uint8Array(size));
    const received = await inbox.until(4, signal);
    assert.deepEqual(
      received.map((frame) => frame.byteLength),
      [0, 1, 0, 0],
    );
  },

  "what is no Uint8Array is a ValidationError, and nothing of it travels": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal);
    const inbox = new Inbox(pair.acceptor);
    const others: unknown[] = [
      new ArrayBuffer(64),
      new Float64Array(8),
      new DataView(new ArrayBuffer(8)),
      "text",
    ];
    for (const other of others) {
      assert.throws(
        () => pair.dialler.send(other as Uint8Array),
        (error) => ValidationError.is(error, "INVALID_ARGUMENT"),
      );
    }
    pair.dialler.send(numbered(7));
    const [frame] = await inbox.until(1, signal);
    assert.equal(numberOf(frame ?? new Uint8Array(4)), 7);
  },

  "a frame of the largest size passes; a larger one is a ValidationError and harms nobody": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal, { limits: { maxFrameBytes: 5_000 } });
    const inbox = new Inbox(pair.acceptor);
    assert.equal(pair.dialler.maxFrameBytes, 5_000);
    assert.throws(
      () => pair.dialler.send(new Uint8Array(5_001)),
      (error) => ValidationError.is(error, "FRAME_TOO_LARGE"),
    );
    pair.dialler.send(numbered(1, 5_000));
    const [frame] = await inbox.until(1, signal);
    assert.equal(frame?.byteLength, 5_000);
  },

  "a frame over the receiver's limit ends the link at both ends, with too-large": async (
    harness,
    signal,
  ) => {
    if (harness.limitsPerEnd === false) return;
    const options = { limits: { maxFrameBytes: 5_000 }, acceptorLimits: { maxFrameBytes: 1_000 } };
    await using pair = await openPair(harness, signal, options);
    const inbox = new Inbox(pair.acceptor);
    pair.dialler.receive(() => {});
    pair.dialler.send(numbered(1, 1_000));
    pair.dialler.send(numbered(2, 1_001));
    const [there, here] = await Promise.all([pair.acceptor.closed, pair.dialler.closed]);
    assert.equal(there.code, "too-large");
    assert.ok(NetworkError.is(there.error, "FRAME_TOO_LARGE"));
    assert.equal(here.remote, true);
    assert.equal(here.code, "too-large");
    assert.deepEqual(inbox.frames.map(numberOf), [1]);
  },

  "a receiver may answer within its callback, and close: then it is not called again": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal);
    const answers = new Inbox(pair.dialler);
    const inbox = new Inbox(pair.acceptor, (frame) => {
      pair.acceptor.send(frame);
      if (numberOf(frame) === 4) void pair.acceptor.close({ message: "enough" });
    });
    for (let i = 0; i < 10; i++) pair.dialler.send(numbered(i));
    const reason = await pair.dialler.closed;
    assert.equal(reason.message, "enough");
    assert.deepEqual(answers.frames.map(numberOf), [0, 1, 2, 3, 4]);
    assert.equal(inbox.frames.length, 5);
  },

  "frames wait until receive is called, and a second receive throws": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    for (let i = 0; i < 10; i++) pair.dialler.send(numbered(i));
    const echoed = new Inbox(pair.dialler);
    pair.acceptor.send(numbered(99));
    await echoed.until(1, signal);

    const inbox = new Inbox(pair.acceptor);
    const received = await inbox.until(10, signal);
    assert.deepEqual(received.map(numberOf), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.throws(
      () => pair.acceptor.receive(() => {}),
      (error) => NetworkError.is(error, "INVALID_STATE"),
    );
  },
};

async function sendAll(link: Link, signal: AbortSignal): Promise<void> {
  for (let i = 0; i < FRAMES; i++) if (!link.send(patterned(i))) await link.drained({ signal });
}

/** Sizes from 4 bytes to 70 kB, small ones mostly; every byte depends on the index. */
function patterned(index: number): Uint8Array {
  const size = index % 97 === 0 ? 70_000 : 4 + ((index * 131) % 3_000);
  const frame = new Uint8Array(size).fill(index & 0xff);
  frame.set(numbered(index));
  return frame;
}
