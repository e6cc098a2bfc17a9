import { AbortedError, Emitter } from "@net/core";
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
