import { AbortedError, OverloadedError } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { Semaphore } from "../../src/limits/semaphore.ts";

function jobs(semaphore: Semaphore) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string, signal?: AbortSignal): Promise<string> =>
    semaphore.run(async () => {
      started.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      return name;
    }, signal);
  return { started, run, end: (name: string) => ends.get(name)?.() };
}

test("as many as allowed run at once, the others in order after them", async () => {
  const { started, run, end } = jobs(new Semaphore({ concurrency: 2, queue: 2, what: "jobs" }));
  const all = ["a", "b", "c", "d"].map((name) => run(name));
  await settle();
  expect(started).toEqual(["a", "b"]);
  end("b");
  await settle();
  expect(started).toEqual(["a", "b", "c"]);
  end("a");
  await settle();
  end("c");
  end("d");
  expect(await Promise.all(all)).toEqual(["a", "b", "c", "d"]);
});

test("beyond the queue it is OVERLOADED at once", async () => {
  const { run, end } = jobs(new Semaphore({ concurrency: 1, queue: 1, what: "jobs" }));
  const first = run("a");
  const second = run("b");
  await expect(run("c")).rejects.toThrow(OverloadedError);
  await settle();
  end("a");
  await first;
  await settle();
  end("b");
  expect(await second).toBe("b");
});

test("whoever aborts leaves the queue, and work that fails leaves its place", async () => {
  const semaphore = new Semaphore({ concurrency: 1, queue: 5, what: "jobs" });
  const { started, run, end } = jobs(semaphore);
  const first = run("a");
  const controller = new AbortController();
  const second = run("b", controller.signal);
  const failing = semaphore.run(() => Promise.reject(new Error("no")));
  failing.catch(() => {});
  const last = run("c");
  controller.abort();
  await expect(second).rejects.toThrow(AbortedError);
  await settle();
  end("a");
  await first;
  await expect(failing).rejects.toThrow("no");
  await settle();
  expect(started).toEqual(["a", "c"]);
  end("c");
  await last;
});
