import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { Backlog } from "../../src/tcp/backlog.ts";

/** A backlog of at most 100 bytes, and what it did to its socket. */
function backlogOf100(): { backlog: Backlog; calls: string[] } {
  const calls: string[] = [];
  const socket = { pause: () => calls.push("pause"), resume: () => calls.push("resume") };
  return { backlog: new Backlog(socket as unknown as Socket, 100), calls };
}

test("at the high-water mark the socket is paused, once; at half of it, it goes on", () => {
  const { backlog, calls } = backlogOf100();
  backlog.add(Buffer.alloc(99));
  backlog.pauseIfFull();
  expect(calls).toEqual([]);
  backlog.add(Buffer.alloc(1));
  backlog.pauseIfFull();
  backlog.pauseIfFull();
  expect(calls).toEqual(["pause"]);
  expect(backlog.open()?.length).toBe(99);
  backlog.use(49);
  expect(calls).toEqual(["pause"]);
  backlog.use(1);
  expect(calls).toEqual(["pause", "resume"]);
});

test("the messages of a chunk count until they were taken, also those taken before it was full", () => {
  const { backlog, calls } = backlogOf100();
  backlog.add(Buffer.alloc(90));
  backlog.open();
  backlog.use(80);
  backlog.add(Buffer.alloc(89));
  backlog.pauseIfFull();
  expect(calls).toEqual([]);
  backlog.add(Buffer.alloc(1));
  backlog.pauseIfFull();
  expect(calls).toEqual(["pause"]);
});

test("a message of several chunks is not counted twice", () => {
  const { backlog, calls } = backlogOf100();
  for (const size of [60, 60, 60]) backlog.add(Buffer.alloc(size));
  backlog.open();
  backlog.open();
  backlog.use(120);
  backlog.add(Buffer.alloc(40));
  backlog.pauseIfFull();
  expect(calls).toEqual(["pause"]);
});

test("a high-water mark of 0 pauses for any byte, and for none not", () => {
  const calls: string[] = [];
  const socket = { pause: () => calls.push("pause"), resume: () => calls.push("resume") };
  const backlog = new Backlog(socket as unknown as Socket, 0);
  backlog.pauseIfFull();
  backlog.add(Buffer.alloc(1));
  backlog.pauseIfFull();
  backlog.open();
  backlog.use(1);
  expect(calls).toEqual(["pause", "resume"]);
});
