import { ClosedError } from "@net/core";
import { expect, test } from "vitest";
import { Outbox, type OutboxOptions } from "../../src/client/outbox.ts";
import { FakeSocket } from "../support/fake-socket.ts";

function boxWith(options: Partial<OutboxOptions> = {}) {
  const socket = new FakeSocket();
  const outbox = new Outbox({ capacity: 200, overflow: "reject", highWaterMark: 10, ...options });
  outbox.connect(socket);
  return { outbox, socket };
}

test("what is sent when there is room again does not overtake what waited for it", async () => {
  const { outbox, socket } = boxWith();
  socket.bufferedBytes = 11;
  const first = outbox.send("1", undefined);
  socket.bufferedBytes = 0;
  const second = outbox.send("2", undefined);
  expect(socket.sent).toEqual([]);
  outbox.flush();
  await Promise.all([first, second]);
  expect(socket.sent).toEqual(["1", "2"]);
});

test("a socket takes more up to its high-water mark, and no more beyond", () => {
  const { outbox, socket } = boxWith();
  socket.bufferedBytes = 10;
  void outbox.send("1", undefined);
  socket.bufferedBytes = 11;
  void outbox.send("2", undefined);
  expect(socket.sent).toEqual(["1"]);
});

test("the message that comes counts too: the buffer never holds more than its capacity", async () => {
  const { outbox } = boxWith();
  outbox.connect(undefined);
  void outbox.send("1".repeat(100), undefined);
  await expect(outbox.send("2".repeat(100), undefined)).rejects.toThrow(/164 bytes wait/);
  outbox.connect(new FakeSocket());
});

test("what was refused is gone: a later connection does not get it", async () => {
  const { outbox } = boxWith();
  outbox.connect(undefined);
  const waiting = outbox.send("1", undefined);
  outbox.fail(new ClosedError("over"));
  await expect(waiting).rejects.toThrow("over");
  expect(outbox.isEmpty).toBe(true);
  const later = new FakeSocket();
  outbox.connect(later);
  expect(later.sent).toEqual([]);
});
