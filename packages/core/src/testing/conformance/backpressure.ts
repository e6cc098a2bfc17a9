import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { AbortedError, ClosedError, OverloadedError } from "../../errors/kinds.ts";
import { NetworkError } from "../../errors/network-error.ts";
import type { Link } from "../../link/transport.ts";
import {
  Inbox,
  type LinkLimits,
  numbered,
  numberOf,
  openFaultyPair,
  openPair,
  type Scenario,
} from "./harness.ts";

const FRAME_BYTES = 8 * 1024;
const limits: LinkLimits = { highWaterMark: 32 * 1024 };
/** The operating system takes some megabytes before a socket's own buffer grows. */
const ENOUGH_FRAMES = 16_384;
const STUCK_TURNS = 100;

export const backpressure: Readonly<Record<string, Scenario>> = {
  "towards a paused peer, send says false above the mark and drained waits for the way to clear":
    async (harness, signal) => {
      await using pair = await openPair(harness, signal, { limits });
      const inbox = new Inbox(pair.acceptor);
      pair.acceptor.pause();
      const count = sendUntilFalse(pair.dialler);
      const drained = pair.dialler.drained({ signal });
      pair.acceptor.resume();
      await drained;
      const received = await inbox.until(count, signal);
      assert.deepEqual(
        received.map(numberOf),
        Array.from({ length: count }, (_, i) => i),
      );
    },

  "drained resolves at once while nothing waits": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    await pair.dialler.drained({ signal });
  },

  "a sender that ignores false gets an OverloadedError, and what was taken before still arrives":
    async (harness, signal) => {
      await using pair = await openPair(harness, signal, { limits });
      const inbox = new Inbox(pair.acceptor);
      pair.acceptor.pause();
      const count = sendUntilOverloaded(pair.dialler);
      pair.acceptor.resume();
      await inbox.until(count, signal);
      pair.dialler.send(numbered(count));
      const received = await inbox.until(count + 1, signal);
      assert.deepEqual(
        received.map(numberOf),
        Array.from({ length: count + 1 }, (_, i) => i),
      );
    },

  "drained rejects with AbortedError when its signal aborts, and the link lives on": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal, { limits });
    const inbox = new Inbox(pair.acceptor);
    pair.acceptor.pause();
    const count = sendUntilFalse(pair.dialler);
    await assert.rejects(pair.dialler.drained({ signal: AbortSignal.abort() }), AbortedError);
    pair.acceptor.resume();
    await inbox.until(count, signal);
  },

  "drained rejects with ClosedError when the link is aborted": async (harness, signal) => {
    await using pair = await openFaultyPair(harness, signal, limits);
    pair.dialler.receive(() => {});
    pair.way.freeze();
    sendUntilFalse(pair.dialler);
    const drained = pair.dialler.drained({ signal });
    pair.dialler.abort();
    await assert.rejects(drained, ClosedError);
    await assert.rejects(pair.dialler.drained({ signal }), ClosedError);
  },

  "drained rejects with ClosedError when the connection dies": async (harness, signal) => {
    await using pair = await openFaultyPair(harness, signal, limits);
    pair.dialler.receive(() => {});
    pair.way.freeze();
    const { drained } = await sendUntilStuck(pair.dialler);
    pair.way.cut();
    await assert.rejects(drained, ClosedError);
    assert.equal((await pair.dialler.closed).code, "lost");
  },

  "towards a frozen peer, send says false, then overloads, and close ends in time": async (
    harness,
    signal,
  ) => {
    await using pair = await openFaultyPair(harness, signal, limits);
    pair.way.freeze();
    sendUntilOverloaded(pair.dialler);
    await pair.dialler.close({ code: "going-away" }, { timeout: 20 });
    assert.deepEqual(await pair.dialler.closed, {
      code: "going-away",
      message: "",
      remote: false,
    });
  },
};

/** How many frames were taken; the last of them said false. */
function sendUntilFalse(link: Link): number {
  for (let i = 0; i < ENOUGH_FRAMES; i++) {
    if (!link.send(numbered(i, FRAME_BYTES))) return i + 1;
  }
  return assert.fail("send never said false");
}

/** Sends until nothing leaves any more, for so many turns that something would have: the way is full. */
async function sendUntilStuck(link: Link): Promise<{ readonly drained: Promise<void> }> {
  for (;;) {
    sendUntilFalse(link);
    const drained = link.drained();
    if (!(await settlesWithin(STUCK_TURNS, drained))) return { drained };
  }
}

async function settlesWithin(turns: number, promise: Promise<void>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  for (let turn = 0; turn < turns; turn++) {
    if (await Promise.race([settled, nextTurn(false)])) return true;
  }
  return false;
}

/** How many frames were taken before the first that was refused. */
function sendUntilOverloaded(link: Link): number {
  for (let i = 0; i < ENOUGH_FRAMES; i++) {
    try {
      link.send(numbered(i, FRAME_BYTES));
    } catch (error) {
      assert.ok(OverloadedError.is(error), NetworkError.is(error) ? error.code : String(error));
      return i;
    }
  }
  return assert.fail("send never overloaded");
}
