import { AbortedError, Emitter, EventPublisher, type EventSource } from "@net/core";
import { expect, test } from "vitest";

interface Events {
  state: [next: string, code: number];
  done: [];
}

test("listeners are called in order with all arguments, until they are taken away", () => {
  const events = new Emitter<Events>();
  const seen: unknown[] = [];
  const off = events.on("state", (...args) => seen.push(["a", ...args]));
  events.on("state", (...args) => seen.push(["b", ...args]));
  events.emit("state", "open", 1);
  off();
  off();
  events.emit("state", "closed", 2);

  expect(seen).toEqual([
    ["a", "open", 1],
    ["b", "open", 1],
    ["b", "closed", 2],
  ]);
  expect(events.listenerCount("state")).toBe(1);
});

test("a listener that is added or taken away during an event changes only the next one", () => {
  const events = new Emitter<Events>();
  const seen: string[] = [];
  const off = events.on("done", () => {
    seen.push("first");
    off();
    events.on("done", () => seen.push("late"));
  });
  events.emit("done");
  events.emit("done");

  expect(seen).toEqual(["first", "late"]);
});

test("once resolves with the next event, or rejects with the signal; neither leaves a listener", async () => {
  const events = new Emitter<Events>();
  const next = events.once("state");
  events.emit("state", "open", 7);
  await expect(next).resolves.toEqual(["open", 7]);

  const controller = new AbortController();
  const never = events.once("state", { signal: controller.signal });
  controller.abort();
  await expect(never).rejects.toThrow(AbortedError);
  expect(events.listenerCount("state")).toBe(0);
});

test("an event nobody listens to is nothing", () => {
  new Emitter<Events>().emit("done");
});

test("a listener that is added twice is called once, and gone when it is taken away", () => {
  const events = new Emitter<Events>();
  let calls = 0;
  const listener = (): void => void calls++;
  const off = events.on("done", listener);
  events.on("done", listener);
  events.emit("done");
  expect(calls).toBe(1);
  off();
  expect(events.listenerCount("done")).toBe(0);
});

test("two who wait for the same event both get it, and only that one", async () => {
  const events = new Emitter<Events>();
  const waiting = [events.once("state"), events.once("state")];
  events.emit("state", "open", 1);
  events.emit("state", "closed", 2);

  expect(await Promise.all(waiting)).toEqual([
    ["open", 1],
    ["open", 1],
  ]);
});

class Door extends EventPublisher<Events> {
  open(): void {
    this.emit("state", "open", 1);
    this.emit("done");
  }
}

test("a publisher's users listen, and only it emits", async () => {
  const door = new Door();
  const source: EventSource<Events> = door;
  const seen: unknown[] = [];
  const listener = (...args: unknown[]): void => void seen.push(args);
  const off = source.on("state", listener);
  const done = source.once("done");
  door.open();
  off();
  door.open();

  expect(seen).toEqual([["open", 1]]);
  expect(await done).toEqual([]);
  // @ts-expect-error: only the door itself says that it opened.
  expect(typeof door.emit).toBe("function");
});

test("a publisher's listener can be taken away by name, and its once aborted", async () => {
  const door = new Door();
  const seen: string[] = [];
  const listener = (next: string): void => void seen.push(next);
  door.on("state", listener);
  door.off("state", listener);
  door.off("state", listener);
  const controller = new AbortController();
  const never = door.once("state", { signal: controller.signal });
  controller.abort();
  door.open();

  expect(seen).toEqual([]);
  await expect(never).rejects.toThrow(AbortedError);
});

test("two publishers of one class know nothing of each other", () => {
  const [front, back] = [new Door(), new Door()];
  const seen: string[] = [];
  front.on("done", () => seen.push("front"));
  back.open();

  expect(seen).toEqual([]);
});
