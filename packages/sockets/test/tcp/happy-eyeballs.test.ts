import { AbortedError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { type Candidates, raceAttempts } from "../../src/tcp/happy-eyeballs.ts";

/** Candidates, some of which a test lets come late. */
class Names implements Candidates<string> {
  isComplete: boolean;
  readonly #names: string[];
  #onChange = (): void => {};

  constructor(names: readonly string[], isComplete = false) {
    this.#names = [...names];
    this.isComplete = isComplete;
  }

  take(): string | undefined {
    return this.#names.shift();
  }

  onChange(callback: () => void): void {
    this.#onChange = callback;
  }

  come(...names: readonly string[]): void {
    this.#names.push(...names);
    this.#onChange();
  }

  complete(): void {
    this.isComplete = true;
    this.#onChange();
  }
}

/** Attempts that a test settles by name. */
class Attempts {
  readonly clock = new FakeClock();
  readonly started: string[] = [];
  readonly aborted: string[] = [];
  readonly discarded: string[] = [];
  readonly #running = new Map<string, PromiseWithResolvers<string>>();

  race(names: readonly string[] | Names, signal?: AbortSignal): Promise<string> {
    const candidates = names instanceof Names ? names : new Names(names, true);
    const discard = (name: string): void => void this.discarded.push(name);
    const attempt = (name: string, raced: AbortSignal): Promise<string> => {
      this.started.push(name);
      const running = Promise.withResolvers<string>();
      this.#running.set(name, running);
      raced.addEventListener("abort", () => {
        this.aborted.push(name);
        running.reject(new AbortedError());
      });
      return running.promise;
    };
    return raceAttempts(candidates, attempt, { clock: this.clock, signal, discard });
  }

  succeed(name: string): void {
    this.#running.get(name)?.resolve(name);
  }

  fail(name: string): void {
    this.#running.get(name)?.reject(new Error(name));
  }
}

test("the next attempt starts 250 ms after the one before, which goes on and may still win", async () => {
  const attempts = new Attempts();
  const race = attempts.race(["a", "b", "c"]);
  await attempts.clock.advance(249);
  expect(attempts.started).toEqual(["a"]);
  await attempts.clock.advance(1);
  expect(attempts.started).toEqual(["a", "b"]);
  attempts.succeed("a");
  expect(await race).toBe("a");
  await attempts.clock.advance(1_000);
  expect(attempts.started).toEqual(["a", "b"]);
  expect(attempts.aborted).toContain("b");
  expect(attempts.clock.pending).toBe(0);
});

test("a failure starts the next attempt at once", async () => {
  const attempts = new Attempts();
  const race = attempts.race(["a", "b"]);
  attempts.fail("a");
  await attempts.clock.advance(0);
  expect(attempts.started).toEqual(["a", "b"]);
  attempts.succeed("b");
  expect(await race).toBe("b");
});

test("when all fail, all their errors are told", async () => {
  const attempts = new Attempts();
  const race = attempts.race(["a", "b"]);
  const failed = expect(race).rejects.toMatchObject({
    errors: [{ message: "a" }, { message: "b" }],
  });
  attempts.fail("a");
  await attempts.clock.advance(0);
  attempts.fail("b");
  await failed;
  expect(attempts.clock.pending).toBe(0);
});

test("a second winner of the same moment is discarded", async () => {
  const attempts = new Attempts();
  const race = attempts.race(["a", "b"]);
  await attempts.clock.advance(250);
  attempts.succeed("a");
  attempts.succeed("b");
  expect(await race).toBe("a");
  expect(attempts.discarded).toEqual(["b"]);
});

test("a candidate that comes late is tried at once, unless another attempt has just begun", async () => {
  const attempts = new Attempts();
  const names = new Names([]);
  const race = attempts.race(names);
  expect(attempts.started).toEqual([]);
  names.come("a", "b");
  expect(attempts.started).toEqual(["a"]);
  names.come("c");
  expect(attempts.started).toEqual(["a"]);
  await attempts.clock.advance(500);
  expect(attempts.started).toEqual(["a", "b", "c"]);
  await attempts.clock.advance(250);
  names.come("d");
  expect(attempts.started).toEqual(["a", "b", "c", "d"]);
  attempts.succeed("d");
  expect(await race).toBe("d");
});

test("it fails only when no more candidates can come", async () => {
  const attempts = new Attempts();
  const names = new Names(["a"]);
  const race = attempts.race(names);
  attempts.fail("a");
  await attempts.clock.advance(1_000);
  const failed = expect(race).rejects.toMatchObject({ errors: [{ message: "a" }] });
  names.complete();
  await failed;
});

test("an abort ends all attempts, and none starts afterwards", async () => {
  const attempts = new Attempts();
  const controller = new AbortController();
  const names = new Names(["a", "b"]);
  const race = attempts.race(names, controller.signal);
  const aborted = expect(race).rejects.toThrow(AbortedError);
  controller.abort();
  await aborted;
  await attempts.clock.advance(1_000);
  names.come("c");
  expect(attempts.started).toEqual(["a"]);
  expect(attempts.aborted).toEqual(["a"]);
  expect(attempts.clock.pending).toBe(0);
});
