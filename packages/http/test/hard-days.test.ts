import { once } from "node:events";
import type { Socket } from "node:net";
import { NetworkTimeoutError, ProtocolError } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { HTTPClient } from "@net/http";
import { expect, test } from "vitest";
import { serve, serveRaw } from "./local-server.ts";

const oneTry = { maxRetries: 0 };

/** Sends these bytes, and closes. */
const say =
  (text: string) =>
  (socket: Socket): void =>
    void socket.end(text);

test("nobody there is CONNECTION_REFUSED, and says who was called without the query", async () => {
  const server = await serve(() => {});
  await server[Symbol.asyncDispose]();
  await using http = new HTTPClient(oneTry);

  const error = await http.get(`${server.url}/x?token=secret`).catch((cause: unknown) => cause);

  expect(error).toMatchObject({ code: "CONNECTION_REFUSED" });
  expect(String(error)).toContain(`cannot GET ${server.url}/x: nobody listens there`);
  expect(JSON.stringify(error)).not.toContain("secret");
});

test.each([
  ["a body shorter than its content-length", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"],
  [
    "chunks that stop in the middle",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
  ],
  ["headers that stop in the middle", "HTTP/1.1 200 OK\r\ncontent-le"],
  ["nothing at all", ""],
])("%s is CONNECTION_LOST", async (_name, bytes) => {
  await using server = await serveRaw(say(bytes));
  await using http = new HTTPClient(oneTry);

  await expect(http.get(server.url)).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  await server.idle();
});

test.each([
  ["something that is not HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
  ["a bad chunk size", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n"],
  ["two content-lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
  [
    "a length and chunks",
    "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["endless headers", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(70_000)}\r\n\r\n`],
])("%s is a ProtocolError", async (_name, bytes) => {
  await using server = await serveRaw(say(bytes));
  await using http = new HTTPClient(oneTry);

  await expect(http.get(server.url)).rejects.toSatisfy((error) => ProtocolError.is(error));
  await server.idle();
});

test("a reset after every number of bytes of an answer is CONNECTION_LOST", async () => {
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
  let bytes = 0;
  await using server = await serveRaw((socket) => {
    socket.write(answer.slice(0, bytes), () => socket.resetAndDestroy());
  });
  await using http = new HTTPClient(oneTry);

  for (bytes = 0; bytes < answer.length; bytes++) {
    await expect(http.get(server.url)).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  }
  await server.idle();
});

test("a body that trickles in ends at the deadline, not before, and its connection with it", async () => {
  await using server = await serve((_, response) => response.write("a"));
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock });

  const outcome = http.get(server.url, { timeout: 5_000 }).catch((cause: unknown) => cause);
  await server.until(1);
  await clock.advance(4_999);
  expect(server.open).toBe(1);
  await clock.advance(1);

  const error = await outcome;
  expect(NetworkTimeoutError.is(error, "DEADLINE_EXCEEDED")).toBe(true);
  expect(error).toMatchObject({ kind: "deadline", timeoutMs: 5_000 });
  expect(String(error)).toContain("no answer within 5000 ms");
  await server.idle();
  expect(clock.pending).toBe(0);
});

test("a TLS handshake that is never answered is a connect time-out", async () => {
  await using server = await serveRaw(() => {});
  const clock = new FakeClock();
  await using http = new HTTPClient({ ...oneTry, clock });

  const outcome = http.get(server.url.replace("http", "https")).catch((cause: unknown) => cause);
  await server.until(1);
  await clock.advance(10_000);

  expect(await outcome).toMatchObject({ code: "TIMEOUT", kind: "connect", timeoutMs: 10_000 });
  await server.idle();
  expect(clock.pending).toBe(0);
});

test("close also ends a connection that is still being made", async () => {
  await using server = await serveRaw(() => {});
  const clock = new FakeClock();
  const http = new HTTPClient({ clock });
  const ended = expect(http.get(server.url.replace("http", "https"))).rejects.toMatchObject({
    code: "CLOSED",
  });
  await server.until(1);

  await http.close();

  await ended;
  await server.idle();
  expect(clock.pending).toBe(0);
});

test("an abort in the middle of a body is ABORTED with its reason, and ends the connection", async () => {
  await using server = await serve((_, response) => response.write("a"));
  await using http = new HTTPClient();
  const controller = new AbortController();
  const outcome = http
    .get(server.url, { signal: controller.signal })
    .catch((cause: unknown) => cause);
  await server.until(1);
  await settle();

  controller.abort("enough");

  expect(await outcome).toMatchObject({ code: "ABORTED", cause: "enough" });
  await server.idle();
});

test("an aborted signal sends nothing", async () => {
  await using server = await serve((_, response) => response.end());
  await using http = new HTTPClient();

  await expect(http.get(server.url, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "ABORTED",
  });
  expect(server.seen).toBe(0);
});

test("a body over maxBodyBytes is refused by its content-length, before it comes", async () => {
  await using server = await serve((_, response) => {
    response.writeHead(200, { "content-length": 1001 }).flushHeaders();
  });
  await using http = new HTTPClient({ maxBodyBytes: 1000 });

  await expect(http.get(server.url)).rejects.toMatchObject({
    code: "FRAME_TOO_LARGE",
    retryable: false,
  });
  await server.idle();
});

test("a body over maxBodyBytes without a length is refused as it comes", async () => {
  await using server = await serve((_, response) => {
    response.write("x".repeat(600));
    response.write("x".repeat(600));
  });
  await using http = new HTTPClient({ maxBodyBytes: 1000 });

  await expect(http.get(server.url)).rejects.toMatchObject({ code: "FRAME_TOO_LARGE" });
  await server.idle();
});

test("a body of exactly maxBodyBytes is fine, and HEAD has none whatever its content-length", async () => {
  await using server = await serve((request, response) => {
    const length = request.method === "HEAD" ? 99_999 : 1000;
    response.writeHead(200, { "content-length": length });
    response.end(request.method === "HEAD" ? undefined : "x".repeat(1000));
  });
  await using http = new HTTPClient({ maxBodyBytes: 1000 });

  expect((await http.get(server.url)).content).toHaveLength(1000);
  expect(await http.request("HEAD", server.url)).toMatchObject({
    headers: { "content-length": "99999" },
    text: "",
  });
});

test("a server that comes back is found again", async () => {
  let dying: Socket | undefined;
  await using server = await serve((request, response) => {
    dying = request.socket;
    response.end("alive");
  });
  await using http = new HTTPClient({ rng: { next: () => 0 } });
  await http.get(server.url);
  dying?.destroy();
  if (dying && !dying.closed) await once(dying, "close");

  expect((await http.get(server.url)).text).toBe("alive");
});

test("a thousand calls leave no listener on a signal that lives on", async () => {
  await using server = await serve((_, response) => response.end());
  await using http = new HTTPClient();
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };

  for (let batch = 0; batch < 20; batch++) {
    await Promise.all(Array.from({ length: 50 }, () => http.get(server.url, { signal })));
  }

  expect(listeners).toBe(0);
});
