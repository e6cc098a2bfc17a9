import { Emitter } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import type { ClientEvents } from "../../src/client/client-events.ts";
import { Connection } from "../../src/client/connection.ts";
import { Inbox } from "../../src/client/inbox.ts";
import { Outbox } from "../../src/client/outbox.ts";
import { settingsOf } from "../../src/client/settings.ts";
import { FakeSocket } from "../support/fake-socket.ts";

/** A connection over a socket in the test's hand, pinged every 50 ms, dead after 100 ms of silence. */
function connected() {
  const clock = new FakeClock();
  const socket = new FakeSocket();
  const options = { clock, ping: 50, timeout: { idle: 100 }, highWaterMark: 10 };
  const settings = settingsOf("ws://a/", options);
  const onRoom = (): void => connection.resume();
  const inbox = new Inbox({ highWaterMark: 10, events: new Emitter<ClientEvents>(), onRoom });
  const outbox = new Outbox({ capacity: 1_000, overflow: "reject", highWaterMark: 10 });
  const connection = new Connection(socket, inbox, outbox, settings);
  return { clock, socket, inbox, outbox, connection };
}

test("a goodbye reads on, minds no silence, and is over after 5 s without an answer", async () => {
  const { clock, socket, connection } = connected();
  socket.handlers.onMessage("fills the inbox");
  const closing = connection.close(1000, "");
  await clock.advance(4_999);
  expect(socket.calls).toEqual(["resume", "pause", "close 1000", "resume"]);
  await clock.advance(1);
  await closing;
  expect(socket.calls.at(-1)).toBe("terminate");
  expect(await connection.ended).toMatchObject({ code: 1006 });
  expect(clock.pending).toBe(0);
});

test("a goodbye that is answered is over then", async () => {
  const { clock, socket, connection } = connected();
  const closing = connection.close(4000, "done");
  socket.handlers.onClose({ code: 4000, reason: "done" });
  await closing;
  expect(await connection.ended).toEqual({ code: 4000, reason: "done" });
  expect(socket.calls).not.toContain("terminate");
  expect(clock.pending).toBe(0);
});

test("silence ends the socket, and what is sent afterwards does not go to it", async () => {
  const { clock, socket, outbox, connection } = connected();
  await clock.advance(100);
  expect(await connection.ended).toMatchObject({ code: 1006, error: { code: "TIMEOUT" } });
  expect(socket.calls.at(-1)).toBe("terminate");
  const sending = outbox.send("to the next connection", undefined);
  expect(socket.sent).toEqual([]);
  const next = new FakeSocket();
  outbox.connect(next);
  await sending;
  expect(next.sent).toEqual(["to the next connection"]);
});

test.each(["onPong", "onMessage"] as const)("%s is a sign of life", async (sign) => {
  const { clock, socket } = connected();
  for (let i = 0; i < 5; i++) {
    await clock.advance(60);
    socket.handlers[sign]("");
  }
  expect(socket.calls).not.toContain("terminate");
});

test("when a slow reader goes on reading, silence counts again, from then on", async () => {
  const { clock, socket, inbox, connection } = connected();
  socket.handlers.onMessage("fills the inbox");
  await clock.advance(1_000);
  inbox.poll();
  expect(socket.calls.at(-1)).toBe("resume");
  await clock.advance(99);
  expect(socket.calls).not.toContain("terminate");
  await clock.advance(1);
  expect(await connection.ended).toMatchObject({ error: { code: "TIMEOUT" } });
});
