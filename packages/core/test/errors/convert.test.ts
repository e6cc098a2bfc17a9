import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import {
  AbortedError,
  AuthenticationError,
  ConnectionError,
  NetworkError,
  NetworkTimeoutError,
  ProtocolError,
  RateLimitError,
  toNetworkError,
  ValidationError,
} from "@net/core";
import { expect, test } from "vitest";

function systemError(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

test.each([
  ["ECONNREFUSED", "CONNECTION_REFUSED", "connect"],
  ["ECONNRESET", "CONNECTION_LOST", "open"],
  ["UND_ERR_SOCKET", "CONNECTION_LOST", "open"],
  ["ENOTFOUND", "NAME_NOT_FOUND", "resolve"],
  ["EAI_AGAIN", "UNREACHABLE", "resolve"],
  ["EADDRINUSE", "ADDRESS_IN_USE", "listen"],
  ["EMFILE", "OUT_OF_RESOURCES", "connect"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "TLS_FAILED", "tls"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "TLS_FAILED", "tls"],
])("%s is a ConnectionError %s in phase %s", (system, code, phase) => {
  const error = toNetworkError(systemError(system), { address: "tcp://h:1" });

  expect(ConnectionError.is(error)).toBe(true);
  expect(error).toMatchObject({ code, phase, details: { address: "tcp://h:1" } });
});

test.each([
  ["ETIMEDOUT", "connect"],
  ["UND_ERR_HEADERS_TIMEOUT", "headers"],
  ["UND_ERR_BODY_TIMEOUT", "idle"],
])("%s is a NetworkTimeoutError of kind %s", (system, kind) => {
  const error = toNetworkError(systemError(system), { timeoutMs: 250, address: "http://h" });

  expect(NetworkTimeoutError.is(error, "TIMEOUT")).toBe(true);
  expect(error).toMatchObject({ kind, timeoutMs: 250 });
  expect(error.message).toBe("cannot reach http://h: no answer within 250 ms");
});

test.each([
  [401, AuthenticationError],
  [429, RateLimitError],
  [503, ConnectionError],
])("a refused upgrade with status %i is a %O", (status, kind) => {
  const error = toNetworkError(new Error(`Unexpected server response: ${status}`));

  expect(kind.is(error)).toBe(true);
  expect(error.details).toMatchObject({ status });
});

test("a refused upgrade may be tried again after 503, not after 404", () => {
  expect(toNetworkError(new Error("Unexpected server response: 503")).retryable).toBe(true);
  expect(toNetworkError(new Error("Unexpected server response: 404")).retryable).toBe(false);
});

test("parser errors are ProtocolErrors, bad URLs ValidationErrors", () => {
  expect(ProtocolError.is(toNetworkError(systemError("HPE_INVALID_CONSTANT")))).toBe(true);
  expect(ProtocolError.is(toNetworkError(systemError("WS_ERR_INVALID_UTF8")))).toBe(true);
  expect(ValidationError.is(toNetworkError(systemError("ERR_INVALID_URL")))).toBe(true);
});

test("a DOMException of an AbortController or of AbortSignal.timeout keeps its meaning", () => {
  const aborted = new DOMException("stop", "AbortError");
  const late = new DOMException("late", "TimeoutError");

  expect(AbortedError.is(toNetworkError(aborted))).toBe(true);
  expect(NetworkTimeoutError.is(toNetworkError(late))).toBe(true);
});

test("fetch's bare failure and happy eyeballs' aggregate tell what is inside", () => {
  const fetchFailed = new TypeError("fetch failed", { cause: systemError("ECONNREFUSED") });
  const aggregate = new AggregateError([systemError("ECONNREFUSED"), systemError("ENETUNREACH")]);

  expect(toNetworkError(fetchFailed).code).toBe("CONNECTION_REFUSED");
  expect(toNetworkError(aggregate).code).toBe("CONNECTION_REFUSED");
});

test("one of the family comes back as it is; what nobody knows is INTERNAL with its cause", () => {
  const known = new NetworkError("CONFLICT", "twice");
  const unknown = new RangeError("7 is too many");

  expect(toNetworkError(known)).toBe(known);
  expect(toNetworkError(unknown)).toMatchObject({ code: "INTERNAL", cause: unknown });
  expect(toNetworkError("thrown text")).toMatchObject({ code: "INTERNAL", cause: "thrown text" });
});

test("a real refused connection is understood", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const [error] = await once(connect(port, "127.0.0.1"), "error").catch((e: unknown) => [e]);

  expect(toNetworkError(error).code).toBe("CONNECTION_REFUSED");
});
