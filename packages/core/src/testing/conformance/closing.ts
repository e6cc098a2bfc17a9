import assert from "node:assert/strict";
import { ClosedError } from "../../errors/kinds.ts";
import { Inbox, numbered, openFaultyPair, openPair, type Scenario } from "./harness.ts";

export const closing: Readonly<Record<string, Scenario>> = {
  "a polite close lets everything sent arrive, then the reason": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    const inbox = new Inbox(pair.acceptor);
    pair.dialler.receive(() => {});
    for (let i = 0; i < 200; i++) pair.dialler.send(numbered(i, 100));
    await pair.dialler.close({ code: "replaced", message: "a newer session took over" });
    assert.deepEqual(await pair.acceptor.closed, {
      code: "replaced",
      message: "a newer session took over",
      remote: true,
    });
    assert.equal(inbox.frames.length, 200);
  },

  "after a local close nothing arrives, send and drained are refused, closing again is nothing":
    async (harness, signal) => {
      await using pair = await openPair(harness, signal);
      const inbox = new Inbox(pair.dialler);
      pair.acceptor.receive(() => {});
      const closed = pair.dialler.close({ message: "done" });
      pair.acceptor.send(numbered(1));
      assert.throws(() => pair.dialler.send(numbered(1)), ClosedError);
      await assert.rejects(pair.dialler.drained({ signal }), ClosedError);
      await Promise.all([closed, pair.dialler.close(), pair.dialler[Symbol.asyncDispose]()]);
      pair.dialler.abort();
      assert.equal(inbox.frames.length, 0);
      const reason = await pair.dialler.closed;
      assert.deepEqual(reason, { code: "normal", message: "done", remote: false });
    },

  "after a remote close send and drained are refused": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    pair.dialler.receive(() => {});
    pair.acceptor.receive(() => {});
    await pair.acceptor.close();
    await pair.dialler.closed;
    assert.throws(() => pair.dialler.send(numbered(1)), ClosedError);
    await assert.rejects(pair.dialler.drained({ signal }), ClosedError);
    await pair.dialler.close();
  },

  "both ends may close at once": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    pair.dialler.receive(() => {});
    pair.acceptor.receive(() => {});
    await Promise.all([pair.dialler.close(), pair.acceptor.close()]);
    assert.equal((await pair.dialler.closed).remote, false);
    assert.equal((await pair.acceptor.closed).remote, false);
  },

  "an abort ends at once here, and the other side notices": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    pair.acceptor.receive(() => {});
    pair.dialler.abort({ code: "internal", message: "bug" });
    pair.dialler.abort();
    assert.deepEqual(await pair.dialler.closed, {
      code: "internal",
      message: "bug",
      remote: false,
    });
    assert.equal((await pair.acceptor.closed).remote, true);
  },

  "a connection that dies is lost, at both ends": async (harness, signal) => {
    await using pair = await openFaultyPair(harness, signal);
    pair.dialler.receive(() => {});
    pair.acceptor.receive(() => {});
    pair.way.cut();
    for (const link of [pair.dialler, pair.acceptor]) {
      const reason = await link.closed;
      assert.equal(reason.code, "lost");
      assert.equal(reason.remote, true);
      assert.throws(() => link.send(numbered(1)), ClosedError);
    }
  },

  "a close towards a paused peer ends in time": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    new Inbox(pair.acceptor);
    pair.acceptor.pause();
    pair.dialler.send(numbered(1));
    await pair.dialler.close({ code: "going-away" }, { timeout: 20 });
    assert.equal((await pair.dialler.closed).code, "going-away");
  },

  "an abort towards a frozen peer does not wait for it": async (harness, signal) => {
    await using pair = await openFaultyPair(harness, signal);
    pair.way.freeze();
    pair.dialler.send(numbered(1));
    pair.dialler.abort();
    assert.equal((await pair.dialler.closed).remote, false);
    await pair.dialler.close();
  },

  "a long close message is cut, never refused": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    pair.acceptor.receive(() => {});
    pair.dialler.receive(() => {});
    await pair.dialler.close({ message: "ü".repeat(500) });
    assert.match((await pair.acceptor.closed).message, /^ü{1,60}$/);
  },
};
