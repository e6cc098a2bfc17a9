import { AbortedError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { raceAttempts } from "../../src/tcp/happy-eyeballs.ts";
import { interleaveFamilies } from "../../src/tcp/lookup.ts";

/** Attempts that a test settles by name. */
class Attempts {
  readonly clock = new FakeClock();
  readonly started: string[] = [];
  readonly aborted: string[] = [];
  readonly discarded: string[] = [];
  readonly #running = new Map<string, PromiseWithResolvers<string>>();

  race(names: readonly string[], signal?: AbortSignal): Promise<string> {
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
    return raceAttempts(names, attempt, { clock: this.clock, signal, discard });
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

test("the families take turns, the first one's first", () => {
  const v6 = (address: string) => ({ address, family: 6 }) as const;
  const v4 = (address: string) => ({ address, family: 4 }) as const;
  const all = [v6("::1"), v6("::2"), v6("::3"), v4("1.1.1.1")];
  expect(interleaveFamilies(all).map(({ address }) => address)).toEqual([
    "::1",
    "1.1.1.1",
    "::2",
    "::3",
  ]);
  expect(interleaveFamilies([])).toEqual([]);
});
