import { getEventListeners } from "node:events";
import {
  AbortedError,
  type Attempt,
  ConnectionError,
  exponential,
  fixed,
  linear,
  NetworkError,
  NetworkTimeoutError,
  RateLimitError,
  type RetryEvent,
  type RetryOptions,
  retry,
  seededRng,
  ValidationError,
} from "@net/core";
import { FakeClock, scriptedRng, settle } from "@net/core/testing";
import { expect, test } from "vitest";

const refused = (): ConnectionError => new ConnectionError("no", { code: "CONNECTION_REFUSED" });
const noJitter = fixed({ initial: 100, jitter: "none" });

/** Runs the retries on a fake clock to their end. */
async function run<T>(
  fn: (attempt: Attempt) => T | Promise<T>,
  options: RetryOptions = {},
): Promise<{ result: PromiseSettledResult<T>; events: RetryEvent[]; clock: FakeClock }> {
  const clock = new FakeClock();
  const events: RetryEvent[] = [];
  const onRetry = (event: RetryEvent): void => void events.push(event);
  const call = retry(fn, { clock, rng: seededRng(1), backoff: noJitter, onRetry, ...options });
  const settled = Promise.allSettled([call]);
  await clock.advance(3_600_000);
  const [result] = await settled;
  return { result, events, clock };
}

test("tries until it works, and tells of each wait", async () => {
  const { result, events, clock } = await run(({ number }) => {
    if (number < 3) throw refused();
    return "done";
  });

  expect(result).toEqual({ status: "fulfilled", value: "done" });
  expect(events.map(({ attempt, delayMs }) => [attempt, delayMs])).toEqual([
    [1, 100],
    [2, 100],
  ]);
  expect(clock.pending).toBe(0);
});

test("after the last retry rejects with the last error itself", async () => {
  const errors: unknown[] = [];
  const { result } = await run(
    () => {
      errors.push(refused());
      throw errors.at(-1);
    },
    { retries: 2 },
  );

  expect(errors).toHaveLength(3);
  expect(result).toMatchObject({ status: "rejected", reason: errors[2] });
});

test.each([
  ["a programming error", new TypeError("x is not a function")],
  ["an error that is not retryable", new NetworkError("CONFLICT", "twice")],
  ["what is no error at all", "text"],
])("%s is not tried again", async (_name, thrown) => {
  let tries = 0;
  const { result } = await run(() => {
    tries++;
    return Promise.reject(thrown);
  });

  expect(tries).toBe(1);
  expect(result).toEqual({ status: "rejected", reason: thrown });
});

test("classify decides, even about a TypeError, and gets the error as it was thrown", async () => {
  let tries = 0;
  const seen: unknown[] = [];
  const thrown = new TypeError("fetch is odd");
  const { result } = await run(
    () => {
      if (++tries < 3) throw thrown;
      return "done";
    },
    {
      classify: (error) => {
        seen.push(error);
        return "retry";
      },
    },
  );

  expect(result).toEqual({ status: "fulfilled", value: "done" });
  expect(seen).toEqual([thrown, thrown]);
});

test("a delay the other side dictates is obeyed exactly", async () => {
  const { events } = await run(({ number }) => {
    if (number === 1) throw new RateLimitError("slow down", { retryAfterMs: 12_345 });
    return "done";
  });

  expect(events).toMatchObject([{ attempt: 1, delayMs: 12_345 }]);
});

test("a dictated delay that passes the deadline ends it at once, with that error", async () => {
  const clock = new FakeClock();
  const call = retry(
    () => {
      throw new RateLimitError("slow down", { retryAfterMs: 60_000 });
    },
    { clock, deadlineMs: 10_000 },
  );

  await expect(call).rejects.toThrow(RateLimitError);
  expect(clock.monotonicMs()).toBe(0);
  expect(clock.pending).toBe(0);
});

test("the deadline ends a try that ignores its signal", async () => {
  const clock = new FakeClock();
  const call = retry(() => new Promise(() => {}), { clock, deadlineMs: 500 });
  const rejected = expect(call).rejects.toSatisfy((error) =>
    NetworkTimeoutError.is(error, "DEADLINE_EXCEEDED"),
  );
  await clock.advance(500);
  await rejected;
});

test("a try is told what is left of the deadline", async () => {
  const left: number[] = [];
  await run(
    ({ remainingMs }) => {
      left.push(remainingMs());
      throw refused();
    },
    { deadlineMs: 250 },
  );

  expect(left).toEqual([250, 150, 50]);
});

test.each(["while waiting", "while trying"])(
  "an abort %s ends it and leaves nothing",
  async (when) => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const call = retry(
      () => {
        if (when === "while trying") return new Promise(() => {});
        throw refused();
      },
      { clock, signal: controller.signal, backoff: noJitter },
    );
    await clock.advance(50);
    controller.abort(new Error("enough"));

    await expect(call).rejects.toMatchObject({ code: "ABORTED", cause: { message: "enough" } });
    expect(clock.pending).toBe(0);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  },
);

test("an aborted signal keeps the first try from being made", async () => {
  let tries = 0;
  const call = retry(() => ++tries, { signal: AbortSignal.abort() });

  await expect(call).rejects.toThrow(AbortedError);
  expect(tries).toBe(0);
});

test("an empty budget stops retrying; a success gives back", async () => {
  let tokens = 1;
  let given = 0;
  const budget = { tryTake: () => tokens-- > 0, giveBack: () => void given++ };
  let tries = 0;
  const failing = await run(
    () => {
      tries++;
      throw refused();
    },
    { budget, retries: 9 },
  );

  expect(tries).toBe(2);
  expect(failing.result).toMatchObject({ reason: { code: "CONNECTION_REFUSED" } });
  await run(() => "fine", { budget });
  expect(given).toBe(1);
});

test.each([-1, 1.5, Number.NaN])("retries: %d is a ValidationError", async (retries) => {
  await expect(retry(() => 1, { retries })).rejects.toThrow(ValidationError);
});

test.each([Number.NaN, -5, Number.POSITIVE_INFINITY])(
  "a backoff of %d ms is a ValidationError, not a wait",
  async (delay) => {
    const { result, clock } = await run(
      () => {
        throw refused();
      },
      { backoff: () => delay },
    );

    expect(result).toMatchObject({ reason: { code: "INVALID_ARGUMENT" } });
    expect(clock.pending).toBe(0);
  },
);

test.each([
  ["classify", { classify: () => failing() }],
  ["a backoff", { backoff: () => failing() }],
  ["onRetry", { onRetry: () => failing() }],
  ["the budget", { budget: { tryTake: () => failing(), giveBack: () => {} } }],
])("what %s throws ends it, as it was thrown", async (_name, options) => {
  let tries = 0;
  const { result, clock } = await run(() => {
    tries++;
    throw refused();
  }, options);

  expect(result).toEqual({ status: "rejected", reason: "thrown, and no error" });
  expect(tries).toBe(1);
  expect(clock.pending).toBe(0);
});

function failing(): never {
  // oxlint-disable-next-line typescript/only-throw-error -- a stranger's callback may throw anything.
  throw "thrown, and no error";
}

test("a delay that would never end is a failure now", async () => {
  const forever = Object.assign(refused(), { retryAfterMs: Number.POSITIVE_INFINITY });
  const { result, events } = await run(() => {
    throw forever;
  });

  expect(result).toEqual({ status: "rejected", reason: forever });
  expect(events).toEqual([]);
});

test("a wait that would end at the deadline is not begun: no time is left for the try", async () => {
  let tries = 0;
  const { result } = await run(
    () => {
      tries++;
      throw refused();
    },
    { deadlineMs: 200 },
  );

  expect(tries).toBe(2);
  expect(result).toMatchObject({ reason: { code: "CONNECTION_REFUSED" } });
});

test("an abort is an AbortedError, also where the try reports it in its own words", async () => {
  const controller = new AbortController();
  const call = retry(
    () => {
      controller.abort("enough");
      throw new DOMException("This operation was aborted", "AbortError");
    },
    { signal: controller.signal },
  );

  await expect(call).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
});

test("what a try does after it was given up on is nobody's unhandled rejection", async () => {
  const clock = new FakeClock();
  const late = Promise.withResolvers<never>();
  const call = retry(() => late.promise, { clock, deadlineMs: 10 });
  const rejected = expect(call).rejects.toThrow(NetworkTimeoutError);
  await clock.advance(10);
  await rejected;
  late.reject(new Error("too late"));
  await settle();
});

test("without a limit it goes on and on", async () => {
  const { result } = await run(
    ({ number }) => {
      if (number <= 10_000) throw refused();
      return number;
    },
    { retries: Number.POSITIVE_INFINITY, backoff: () => 0 },
  );

  expect(result).toEqual({ status: "fulfilled", value: 10_001 });
});

test("backoffs grow as their names say, up to their maximum", () => {
  const rng = seededRng(1);
  const options = { initial: 100, max: 350, jitter: "none" } as const;
  const firstFour = (backoff: ReturnType<typeof fixed>): number[] =>
    [1, 2, 3, 4].map((retry) => backoff(retry, rng));

  expect(firstFour(exponential(options))).toEqual([100, 200, 350, 350]);
  expect(firstFour(exponential({ ...options, factor: 3 }))).toEqual([100, 300, 350, 350]);
  expect(firstFour(linear(options))).toEqual([100, 200, 300, 350]);
  expect(firstFour(fixed(options))).toEqual([100, 100, 100, 100]);
});

test.each([
  () => fixed({ initial: -1 }),
  () => linear({ initial: Number.NaN }),
  () => exponential({ max: Number.POSITIVE_INFINITY }),
  () => exponential({ factor: 0 }),
  () => exponential({ factor: -2 }),
])("a backoff whose delays could be no times is a ValidationError: %s", (make) => {
  expect(make).toThrow(ValidationError);
});

test("a backoff from 0 stays at 0, however many tries", () => {
  const rng = scriptedRng([]);
  const none = exponential({ initial: 0, jitter: "none" });

  expect([none(1, rng), none(5_000, rng)]).toEqual([0, 0]);
});

test("full jitter draws once per delay", () => {
  const backoff = fixed({ initial: 1_000 });
  const rng = scriptedRng([0, 0.25, 0.75]);

  expect([1, 2, 3].map((retry) => backoff(retry, rng))).toEqual([0, 250, 750]);
});

test("full jitter spreads over the whole delay, the same for the same seed", () => {
  const backoff = exponential({ initial: 1_000 });
  const draw = (seed: number): number[] => {
    const rng = seededRng(seed);
    return Array.from({ length: 1_000 }, () => backoff(3, rng));
  };
  const delays = draw(5);

  expect(delays).toEqual(draw(5));
  expect(Math.min(...delays)).toBeLessThan(100);
  expect(Math.max(...delays)).toBeGreaterThan(3_900);
  expect(Math.max(...delays)).toBeLessThan(4_000);
});

test("a backoff that is still growing after a thousand tries is finite", () => {
  expect(exponential({ jitter: "none" })(5_000, seededRng(1))).toBe(30_000);
});
