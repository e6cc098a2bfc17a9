import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Inbox, numbered, numberOf, openPair, type Scenario } from "./harness.ts";

export const pausing: Readonly<Record<string, Scenario>> = {
  "no frame arrives after pause returns, and none is missing after resume": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal);
    const back = new Inbox(pair.dialler);
    const inbox = new Inbox(pair.acceptor, (frame) => {
      if (numberOf(frame) === 2) pair.acceptor.pause();
    });
    for (let i = 0; i < 100; i++) pair.dialler.send(numbered(i));
    await inbox.until(3, signal);
    // A round trip the other way, and some turns: whatever was on its way is here by now.
    pair.acceptor.send(numbered(0));
    await back.until(1, signal);
    for (let i = 0; i < 20; i++) await nextTurn();
    assert.equal(inbox.frames.length, 3);

    pair.acceptor.resume();
    const received = await inbox.until(100, signal);
    assert.deepEqual(
      received.map(numberOf),
      Array.from({ length: 100 }, (_, i) => i),
    );
  },

  "pausing and resuming twice is once": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    const inbox = new Inbox(pair.acceptor);
    pair.acceptor.pause();
    pair.acceptor.pause();
    pair.acceptor.resume();
    pair.acceptor.resume();
    pair.dialler.send(numbered(7));
    await inbox.until(1, signal);
  },

  "a paused link notices frames and the remote close in order once it is resumed": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal);
    const inbox = new Inbox(pair.acceptor);
    pair.acceptor.pause();
    for (let i = 0; i < 10; i++) pair.dialler.send(numbered(i));
    const closing = pair.dialler.close({ code: "going-away", message: "updating" });
    for (let i = 0; i < 20; i++) await nextTurn();
    assert.equal(inbox.frames.length, 0);

    pair.acceptor.resume();
    const reason = await pair.acceptor.closed;
    assert.equal(inbox.frames.length, 10);
    assert.equal(reason.code, "going-away");
    await closing;
  },

  "closing a paused link settles closed at once and ends in time": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    new Inbox(pair.dialler);
    new Inbox(pair.acceptor);
    pair.dialler.pause();
    const closing = pair.dialler.close();
    assert.equal((await pair.dialler.closed).remote, false);
    await closing;
    assert.equal((await pair.acceptor.closed).remote, true);
  },
};
