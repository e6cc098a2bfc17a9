import assert from "node:assert/strict";
import type { Link } from "../../link/transport.ts";
import { Inbox, numbered, numberOf, openPair, type Scenario } from "./harness.ts";

// What not every link can do. A link without it passes.

/** From what fits into a header to what several reads of a socket bring. */
const SIZES: readonly number[] = [4, 500, 8_192, 8_193, 70_000];

export const optional: Readonly<Record<string, Scenario>> = {
  "what is flushed arrives in its order; to flush what has ended does nothing": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal);
    const { dialler, acceptor } = pair;
    const inbox = new Inbox(acceptor);
    dialler.flush?.();
    for (let i = 0; i < 30; i++) {
      const goesOn = dialler.send(numbered(i, SIZES[i % SIZES.length]));
      if (i % 3 > 0) dialler.flush?.();
      if (!goesOn) await dialler.drained({ signal });
    }
    const received = await inbox.until(30, signal);
    assert.deepEqual(
      received.map(numberOf),
      Array.from({ length: 30 }, (_, i) => i),
    );
    const closing = dialler.close();
    dialler.flush?.();
    acceptor.abort();
    acceptor.flush?.();
    await closing;
    dialler.flush?.();
  },

  "a frame that was lent arrives as it was, between others, and is returned once": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal);
    const { dialler, acceptor } = pair;
    if (!dialler.lend) return;
    const inbox = new Inbox(acceptor);
    const memory = new Uint8Array(Math.max(...SIZES));
    const sent: Buffer[] = [];
    let returns = 0;
    for (let i = 0; i < 30; i++) {
      const frame = memory.subarray(0, SIZES[i % SIZES.length]).fill(i);
      sent.push(Buffer.from(frame), Buffer.from(numbered(i)));
      await new Promise<void>((resolve) => {
        dialler.lend?.(frame, () => {
          returns += 1;
          resolve();
        });
        dialler.send(numbered(i));
      });
    }
    const received = await inbox.until(sent.length, signal);
    assert.deepEqual(
      received.map((frame) => Buffer.from(frame)),
      sent,
    );
    assert.equal(returns, 30);
  },

  "a frame that an ended link was lent is refused, and not returned": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    const { dialler } = pair;
    if (!dialler.lend) return;
    dialler.abort();
    const returned = (): void => assert.fail("it was returned");
    assert.throws(() => dialler.lend?.(numbered(1, 10_000), returned), { code: "CLOSED" });
    await dialler.closed;
  },

  "frames that are kept stay what they are beside others that are spent": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal);
    const { dialler, acceptor } = pair;
    const kept: Uint8Array[] = [];
    const inbox = new Inbox(acceptor, (frame) => spendTwoOfThree(acceptor, frame, kept));
    for (let i = 0; i < 60; i++) {
      if (!dialler.send(filled(i))) await dialler.drained({ signal });
    }
    await inbox.until(60, signal);
    for (const frame of kept) acceptor.spent?.(frame.slice());
    assert.equal(kept.length, 20);
    for (const frame of kept) assert.deepEqual(Buffer.from(frame), filled(numberOf(frame)));
  },
};

/** Of those that are spent, some twice. */
function spendTwoOfThree(link: Link, frame: Uint8Array, kept: Uint8Array[]): void {
  const number = numberOf(frame);
  if (number % 3 === 0) kept.push(frame);
  else for (let times = 0; times < number % 3; times++) link.spent?.(frame);
}

function filled(number: number): Buffer {
  const frame = Buffer.alloc(SIZES[number % SIZES.length] ?? 4, number);
  frame.set(numbered(number));
  return frame;
}
