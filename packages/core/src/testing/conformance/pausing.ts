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

  "a link paused in the middle of a burst that ends with a close loses nothing of it": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal);
    const inbox = new Inbox(pair.acceptor, (frame) => {
      if (numberOf(frame) === 2) pair.acceptor.pause();
    });
    pair.dialler.receive(() => {});
    for (let i = 0; i < 10; i++) pair.dialler.send(numbered(i));
    const closing = pair.dialler.close({ code: "going-away" });
    await inbox.until(3, signal);
    for (let i = 0; i < 20; i++) await nextTurn();
    assert.equal(inbox.frames.length, 3);

    pair.acceptor.resume();
    const reason = await pair.acceptor.closed;
    assert.deepEqual(inbox.frames.map(numberOf), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(reason.code, "going-away");
    await closing;
  },

  "a receiver that pauses and resumes is not called within its call, and misses nothing": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal);
    let depth = 0;
    const inbox = new Inbox(pair.acceptor, () => {
      assert.equal(++depth, 1);
      pair.acceptor.pause();
      pair.acceptor.resume();
      depth--;
    });
    for (let i = 0; i < 1_000; i++) pair.dialler.send(numbered(i));
    const received = await inbox.until(1_000, signal);
    assert.deepEqual(
      received.map(numberOf),
      Array.from({ length: 1_000 }, (_, i) => i),
    );
  },

  "a link that was paused before receive holds frames until it is resumed": async (
    harness,
    signal,
  ) => {
    await using pair = await openPair(harness, signal);
    pair.acceptor.pause();
    const inbox = new Inbox(pair.acceptor);
    pair.dialler.send(numbered(1));
    for (let i = 0; i < 20; i++) await nextTurn();
    assert.equal(inbox.frames.length, 0);

    pair.acceptor.resume();
    await inbox.until(1, signal);
  },

  "aborting a paused link settles closed at once": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    new Inbox(pair.acceptor);
    pair.dialler.pause();
    pair.dialler.abort({ code: "internal" });
    assert.deepEqual(await pair.dialler.closed, { code: "internal", message: "", remote: false });
    assert.equal((await pair.acceptor.closed).remote, true);
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
