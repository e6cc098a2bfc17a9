import { AbortedError, Emitter } from "@net/core";
import { expect, test } from "vitest";
import type { ClientEvents } from "../../src/client/client-events.ts";
import { Inbox } from "../../src/client/inbox.ts";

/** Each waiting message weighs 64 bytes and what it holds. */
function boxOf(messages: number) {
  const events = new Emitter<ClientEvents>();
  const seen = { rooms: 0 };
  const onRoom = (): void => void seen.rooms++;
  return { inbox: new Inbox({ highWaterMark: messages * 65, events, onRoom }), events, seen };
}

test("it asks for a pause at the high-water mark, and says when half of it is free again", () => {
  const { inbox, seen } = boxOf(4);
  expect(["1", "2", "3", "4", "5"].map((each) => inbox.push(each))).toEqual([
    ...[true, true, true],
    ...[false, false],
  ]);
  const rooms = ["1", "2", "3", "4", "5"].map((each) => {
    expect(inbox.poll()).toBe(each);
    return seen.rooms;
  });
  expect(rooms).toEqual([0, 0, 1, 1, 1]);
});

test("empty messages are not free", () => {
  const { inbox } = boxOf(2);
  expect([inbox.push(""), inbox.push(""), inbox.push("")]).toEqual([true, true, false]);
});

test("what comes while a new listener is given what waits does not overtake it", async () => {
  const { inbox, events } = boxOf(10);
  const heard: unknown[] = [];
  inbox.push("1");
  events.on("message", (message) => heard.push(message));
  inbox.drain();
  inbox.push("2");
  expect(heard).toEqual([]);
  await Promise.resolve();
  inbox.push("3");
  expect(heard).toEqual(["1", "2", "3"]);
});

test("a take whose signal has aborted takes nothing", async () => {
  const { inbox } = boxOf(10);
  inbox.push("1");
  await expect(inbox.take(AbortSignal.abort())).rejects.toThrow(AbortedError);
  expect(await inbox.take(undefined)).toBe("1");
});

test("once ended it drops what comes, and asks for no pause: a goodbye must still be read", async () => {
  const { inbox } = boxOf(1);
  inbox.push("1");
  inbox.end();
  expect(inbox.push("2")).toBe(true);
  expect([await inbox.take(undefined), await inbox.take(undefined)]).toEqual(["1", undefined]);
});
