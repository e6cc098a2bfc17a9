import {
  AbortedError,
  AuthenticationError,
  CircuitOpenError,
  ClosedError,
  ConnectionError,
  deserializeError,
  NetworkError,
  NetworkTimeoutError,
  OverloadedError,
  PermissionError,
  ProtocolError,
  RateLimitError,
  RemoteError,
  seededRng,
  ValidationError,
} from "@net/core";
import { expect, test } from "vitest";

const family = [
  new NetworkError("CONFLICT", "twice", { details: { id: "7" } }),
  new ConnectionError("no", { code: "TLS_FAILED", phase: "tls" }),
  new NetworkTimeoutError("late", { kind: "idle", timeoutMs: 30 }),
  new NetworkTimeoutError("too late", { kind: "deadline", timeoutMs: 30 }),
  new AuthenticationError("who?"),
  new PermissionError("no"),
  new RateLimitError("slow", { retryAfterMs: 7 }),
  new RateLimitError("slow"),
  new ValidationError("bad", { issues: [{ message: "x", path: ["a", 1] }, { message: "y" }] }),
  new ValidationError("big", { code: "FRAME_TOO_LARGE" }),
  new ProtocolError("garbage"),
  new ProtocolError("big", { code: "FRAME_TOO_LARGE" }),
  new RemoteError("it failed", { remoteName: "TypeError", retryable: true }),
  new CircuitOpenError("open"),
  new OverloadedError("full"),
  new ClosedError("closed"),
  new AbortedError("stop", { cause: Object.assign(new Error("why"), { code: "EWHY" }) }),
];

test.each(family.map((error) => [error.name, error.code, error] as const))(
  "%s %s survives the wire as the same class",
  (_name, _code, error) => {
    const revived = deserializeError(JSON.parse(JSON.stringify(error)));

    expect(revived.constructor).toBe(error.constructor);
    expect(revived.toJSON()).toEqual(error.toJSON());
  },
);

test("what has an unknown code becomes a RemoteError that keeps the words", () => {
  const error = deserializeError({ name: "TypeError", message: "x is undefined", code: "EVIL" });

  expect(RemoteError.is(error)).toBe(true);
  expect(error).toMatchObject({ message: "x is undefined", remoteName: "TypeError" });
});

test.each([[null], [undefined], [7], ["x"], [[]], [{}]])("%j becomes a RemoteError", (json) => {
  expect(RemoteError.is(deserializeError(json))).toBe(true);
});

test("a name from the wire never chooses what is constructed, and prototypes stay as they are", () => {
  const json: unknown = JSON.parse(
    `{"name":"constructor","code":"CONFLICT","message":"m","details":{"__proto__":{"polluted":true},"a":1}}`,
  );
  const error = deserializeError(json);

  expect(error.constructor).toBe(NetworkError);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(Object.keys(error.details)).toEqual(["a"]);
  expect(Object.getPrototypeOf(error.details)).toBe(Object.prototype);
});

test("fields of the wrong type are dropped, not believed", () => {
  const json = { code: "RATE_LIMITED", message: "m" };

  expect(
    deserializeError({ ...json, name: "RateLimitError", details: { retryAfterMs: "soon" } }),
  ).toMatchObject({ retryAfterMs: undefined });
  expect(
    deserializeError({ ...json, name: "ConnectionError", details: { phase: "party" } }),
  ).toMatchObject({ phase: "connect" });
});

test("a huge, deep error is cut to a bounded size", () => {
  let deep: unknown = "x".repeat(100_000);
  for (let i = 0; i < 5_000; i++) deep = { deep };
  const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i]));
  const json = {
    name: "NetworkError",
    code: "CONFLICT",
    message: "m".repeat(1e6),
    details: { deep, wide },
  };

  expect(JSON.stringify(deserializeError(json)).length).toBeLessThan(10_000);
});

test("what no JSON can hold does no harm either: cycles, getters, proxies", () => {
  const cyclic: Record<string, unknown> = {
    name: "NetworkError",
    code: "CONFLICT",
    message: "round and round",
  };
  for (let i = 0; i < 64; i++) cyclic[`key${i}`] = cyclic;
  cyclic.details = cyclic;
  cyclic.cause = cyclic;
  const bomb = (): never => {
    throw new Error("read me not");
  };

  expect(deserializeError(cyclic)).toMatchObject({ code: "CONFLICT", message: "round and round" });
  expect(JSON.stringify(deserializeError(cyclic)).length).toBeLessThan(100_000);
  const bombs = [Object.defineProperty({}, "message", { get: bomb }), new Proxy({}, { get: bomb })];
  for (const json of bombs) expect(RemoteError.is(deserializeError(json))).toBe(true);
});

test("a detail with an endless name is dropped", () => {
  const details = { ["k".repeat(1_000)]: 1, fine: 2 };
  const error = deserializeError({ code: "CONFLICT", message: "m", details });

  expect(error.details).toEqual({ fine: 2 });
});

test("no bytes at all make it throw", () => {
  const rng = seededRng(7);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(rng.next() * items.length)] as T;
  const values = (): unknown =>
    pick<unknown>([
      null,
      1,
      "RATE_LIMITED",
      "ValidationError",
      [],
      {},
      [{}],
      { issues: [1] },
      true,
    ]);

  for (let i = 0; i < 5_000; i++) {
    const keys = ["name", "code", "message", "details", "cause", "retryable"];
    const json = Object.fromEntries(keys.map((key) => [key, values()]));
    expect(NetworkError.is(deserializeError(json))).toBe(true);
  }
});
