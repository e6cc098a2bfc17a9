import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer as createHTTPServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { PassThrough } from "node:stream";
import { connect as connectTLS } from "node:tls";
import {
  AbortedError,
  AuthenticationError,
  ClosedError,
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
  ["ENOSPC", "OUT_OF_RESOURCES", "connect"],
  ["ENODATA", "NAME_NOT_FOUND", "resolve"],
  ["UND_ERR_PRX_CONN", "CONNECTION_FAILED", "connect"],
  ["CRL_HAS_EXPIRED", "TLS_FAILED", "tls"],
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
  ["ERR_SOCKET_CONNECTION_TIMEOUT", "connect"],
  ["ERR_TLS_HANDSHAKE_TIMEOUT", "handshake"],
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

test.each([
  ["HPE_INVALID_CONSTANT", ProtocolError, "PROTOCOL_ERROR"],
  ["WS_ERR_INVALID_UTF8", ProtocolError, "PROTOCOL_ERROR"],
  ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", ProtocolError, "FRAME_TOO_LARGE"],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", ProtocolError, "PROTOCOL_ERROR"],
  ["UND_ERR_HEADERS_OVERFLOW", ProtocolError, "PROTOCOL_ERROR"],
  ["UND_ERR_REQ_CONTENT_LENGTH_MISMATCH", ValidationError, "INVALID_ARGUMENT"],
  ["UND_ERR_INVALID_ARG", ValidationError, "INVALID_ARGUMENT"],
  ["ERR_INVALID_URL", ValidationError, "INVALID_ARGUMENT"],
  ["ERR_SOCKET_BAD_PORT", ValidationError, "INVALID_ARGUMENT"],
  ["ERR_OSSL_UNSUPPORTED", ValidationError, "INVALID_ARGUMENT"],
  ["ERR_STREAM_WRITE_AFTER_END", ClosedError, "CLOSED"],
  ["UND_ERR_DESTROYED", ClosedError, "CLOSED"],
] as const)("%s is a %O with %s", (system, kind, code) => {
  const error = toNetworkError(systemError(system), { address: "tcp://h:1" });

  expect(kind.is(error)).toBe(true);
  expect(error).toMatchObject({ code, details: { address: "tcp://h:1" } });
});

test.each([
  ["Invalid Sec-WebSocket-Accept header", "PROTOCOL_ERROR"],
  ["Server sent an invalid subprotocol", "PROTOCOL_ERROR"],
  ["Server indicated an extension that was not requested", "PROTOCOL_ERROR"],
  ["Opening handshake has timed out", "TIMEOUT"],
  ["WebSocket was closed before the connection was established", "CLOSED"],
  ["WebSocket is not open: readyState 0 (CONNECTING)", "CLOSED"],
  ["Invalid URL: ws://:0:", "INVALID_ARGUMENT"],
  [`The URL's protocol must be one of "ws:", "wss:"`, "INVALID_ARGUMENT"],
  ["Failed to construct 'WebSocket': The URL '/x' is invalid.", "INVALID_ARGUMENT"],
  ["Failed to fetch", "CONNECTION_FAILED"],
  ["NetworkError when attempting to fetch resource.", "CONNECTION_FAILED"],
  ["Load failed", "CONNECTION_FAILED"],
])("what ws and browsers say in words only is understood: %s", (message, code) => {
  expect(toNetworkError(new TypeError(message)).code).toBe(code);
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

test("the first of several failures that is understood counts, however deep it is wrapped", () => {
  const eyeballs = new AggregateError([new Error("odd"), systemError("ENETUNREACH")]);
  const fetchFailed = new TypeError("fetch failed", { cause: eyeballs });

  expect(toNetworkError(fetchFailed).code).toBe("UNREACHABLE");
  expect(
    toNetworkError(new TypeError("fetch failed", { cause: new Error("bad port") })),
  ).toMatchObject({ code: "CONNECTION_FAILED", message: "bad port" });
  const cyclic: Error = new TypeError("fetch failed");
  cyclic.cause = cyclic;
  expect(toNetworkError(cyclic).code).toBe("CONNECTION_FAILED");
});

test("an error that has a failed connection as its cause still says itself what failed", () => {
  const error = new Error("the weather tool has no data", { cause: systemError("ECONNREFUSED") });

  expect(toNetworkError(error)).toMatchObject({ code: "INTERNAL", message: error.message });
});

test("a file that does not exist, or may not be read, is no connection that failed", async () => {
  const missing: unknown = await readFile(`${import.meta.dirname}/none`).catch((e: unknown) => e);
  const forbidden = Object.assign(systemError("EACCES"), { syscall: "open" });

  expect(toNetworkError(missing)).toMatchObject({ code: "INTERNAL", retryable: false });
  expect(toNetworkError(forbidden).code).toBe("INTERNAL");
});

test("a network call that fails in an unknown way is still a failed connection", () => {
  const error = Object.assign(systemError("EODD", "connect EODD"), { syscall: "connect" });

  expect(toNetworkError(error)).toMatchObject({ code: "CONNECTION_FAILED", phase: "connect" });
});

test("silence on an open connection is its loss, not a slow connect", () => {
  const silent = systemError("ETIMEDOUT");

  expect(toNetworkError(silent, { phase: "open" })).toMatchObject({ code: "CONNECTION_LOST" });
  expect(toNetworkError(systemError("ECONNRESET"), { phase: "handshake" })).toMatchObject({
    code: "CONNECTION_LOST",
    phase: "handshake",
  });
});

test("one of the family comes back as it is; what nobody knows is INTERNAL with its cause", () => {
  const known = new NetworkError("CONFLICT", "twice");
  const unknown = new RangeError("7 is too many");

  expect(toNetworkError(known)).toBe(known);
  expect(toNetworkError(unknown)).toMatchObject({ code: "INTERNAL", cause: unknown });
  expect(toNetworkError("thrown text")).toMatchObject({ code: "INTERNAL", cause: "thrown text" });
});

/** The port of a server that is closed again after the test. */
async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server);
  server.close();
  await once(server, "close");
  return port;
}

/** What a real emitter's `error` event holds. */
async function failure(source: NodeJS.EventEmitter): Promise<unknown> {
  const [error] = (await once(source, "error")) as unknown[];
  return error;
}

test("real failures of real sockets are understood", async () => {
  const port = await closedPort();
  const host = "127.0.0.1";

  expect(toNetworkError(await failure(connect(port, host)))).toMatchObject({
    code: "CONNECTION_REFUSED",
    phase: "connect",
  });
  const noPipe = connect(`${import.meta.dirname}/none.sock`);
  expect(toNetworkError(await failure(noPipe)).code).toBe("CONNECTION_REFUSED");
  const elsewhere = createServer().listen(0, "203.0.113.7");
  expect(toNetworkError(await failure(elsewhere))).toMatchObject({
    code: "ADDRESS_UNAVAILABLE",
    phase: "listen",
  });
  expect(toNetworkError(await fetch(`http://${host}:${port}`).catch((e: unknown) => e)).code).toBe(
    "CONNECTION_REFUSED",
  );
});

test("TLS towards a plain server fails with OpenSSL's reason, not with its addresses", async () => {
  const server = createServer((socket) =>
    socket.on("error", () => {}).end("HTTP/1.1 200 OK\r\n\r\n"),
  );
  const socket = connectTLS(await portOf(server), "127.0.0.1");
  const error = toNetworkError(await failure(socket), { address: "https://h" });
  server.close();

  expect(error).toMatchObject({ code: "TLS_FAILED", phase: "tls" });
  expect(error.message).toBe("cannot reach https://h: the TLS check failed: wrong version number");
});

test("fetch's own failures are understood: garbage, a hang-up, a bad URL, a redirect loop", async () => {
  const garbage = createServer((socket) => socket.on("error", () => {}).end("SSH-2.0\r\n"));
  const hangUp = createServer((socket) => socket.once("data", () => socket.end()));
  const loop = createHTTPServer((_request, response) => {
    response.writeHead(302, { location: "/" }).end();
  });
  const codeOf = async (server: Server): Promise<string> => {
    const failed = fetch(`http://127.0.0.1:${await portOf(server)}`);
    return toNetworkError(await failed.catch((e: unknown) => e)).code;
  };

  expect(await codeOf(garbage)).toBe("PROTOCOL_ERROR");
  expect(await codeOf(hangUp)).toBe("CONNECTION_LOST");
  expect(await codeOf(loop)).toBe("CONNECTION_FAILED");
  const badURL = toNetworkError(await fetch("http://u:secret@h:x/").catch((e: unknown) => e));
  expect(ValidationError.is(badURL)).toBe(true);
  expect(badURL.message).not.toContain("secret");
  loop.closeAllConnections();
  for (const server of [garbage, hangUp, loop]) server.close();
});

test("a stream that was closed here is ClosedError", async () => {
  const stream = new PassThrough();
  stream.end();
  const failed = failure(stream);
  stream.write("x");

  expect(ClosedError.is(toNetworkError(await failed))).toBe(true);
});
