import {
  AbortedError,
  ConnectionError,
  NetworkError,
  NetworkingError,
  NetworkTimeoutError,
  RateLimitError,
  ValidationError,
} from "@net/core";
import { expect, test, vi } from "vitest";

test("keeps code, cause, details, and whether a retry makes sense", () => {
  const cause = new Error("ECONNREFUSED");
  const error = new ConnectionError("nobody there", {
    code: "CONNECTION_REFUSED",
    cause,
    details: { host: "a" },
  });

  expect(error).toMatchObject({
    name: "ConnectionError",
    code: "CONNECTION_REFUSED",
    retryable: true,
    phase: "connect",
    details: { host: "a", phase: "connect" },
    cause,
  });
});

test("an error may say itself that a retry makes no sense", () => {
  expect(new NetworkError("TIMEOUT", "late", { retryable: false }).retryable).toBe(false);
});

test("is() and instanceof know the class and every class above it, and no other", () => {
  const error: unknown = new NetworkTimeoutError("late", { kind: "connect", timeoutMs: 5 });

  expect(NetworkTimeoutError.is(error, "TIMEOUT")).toBe(true);
  expect(NetworkError.is(error, "TIMEOUT")).toBe(true);
  expect(NetworkError.is(error, "ABORTED")).toBe(false);
  expect(ConnectionError.is(error)).toBe(false);
  expect(error instanceof NetworkError).toBe(true);
  expect(error instanceof ConnectionError).toBe(false);
});

test.each([undefined, null, 1, "x", {}, new Error("x"), { code: "TIMEOUT" }, []])(
  "%s is none of the family",
  (value) => {
    expect(NetworkError.is(value)).toBe(false);
    expect(value instanceof NetworkError).toBe(false);
  },
);

test("a second installed copy of the package recognises the error, by class and by code", async () => {
  vi.resetModules();
  const copy = await import("@net/core");
  const error = new copy.ConnectionError("gone", { code: "CONNECTION_LOST" });

  expect(copy.NetworkError).not.toBe(NetworkError);
  expect(ConnectionError.is(error, "CONNECTION_LOST")).toBe(true);
  expect(error instanceof NetworkError).toBe(true);
  expect(RateLimitError.is(error)).toBe(false);
});

test("NetworkingError is the same class", () => {
  expect(NetworkingError).toBe(NetworkError);
});

test("no secret in a message, in details or in the cause reaches the JSON", () => {
  const error = new ConnectionError("cannot reach wss://ann:hunter2@host/x?token=abc123&v=1", {
    cause: new Error("GET https://bob:hunter2@host failed with Bearer abcdef123456"),
    details: { address: "https://ann:hunter2@host/", list: ["ftp://u:hunter2@h"] },
  });
  const json = JSON.stringify(error);

  expect(json).not.toMatch(/hunter2|abc123|abcdef123456/);
  expect(error.message).toBe("cannot reach wss://***@host/x?token=***&v=1");
  expect(json).not.toContain("stack");
});

test("issues and limits are read from the error", () => {
  const issues = [{ message: "must be a string", path: ["name", 0] }];

  expect(new ValidationError("bad", { issues }).issues).toEqual(issues);
  expect(new RateLimitError("slow down", { retryAfterMs: 250 }).retryAfterMs).toBe(250);
  expect(new RateLimitError("slow down").retryAfterMs).toBeUndefined();
  expect(new AbortedError().message).toBe("aborted by the caller's signal");
});

test("an error says how often it was tried, where that was counted", () => {
  const counted = new NetworkError("TIMEOUT", "late", { details: { attempts: 3 } });

  expect(counted.attempts).toBe(3);
  expect(new NetworkError("TIMEOUT", "late").attempts).toBeUndefined();
});
