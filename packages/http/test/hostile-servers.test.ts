import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { NetworkError } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { HTTPClient } from "@net/http";
import { expect, test } from "vitest";
import { serve, serveRaw } from "./local-server.ts";

const oneTry = { maxRetries: 0 };

const say =
  (text: string | Uint8Array) =>
  (socket: Socket): void =>
    void socket.end(text);

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return NetworkError.is(error) ? error.code : `no error of ours but ${String(error)}`;
}

test.each([
  ["a length that is no number", "HTTP/1.1 200 OK\r\ncontent-length: 5x\r\n\r\nhello"],
  ["a negative length", "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello"],
  [
    "a length beyond all numbers",
    `HTTP/1.1 200 OK\r\ncontent-length: ${"9".repeat(30)}\r\n\r\nhello`,
  ],
  [
    "a chunk size beyond all numbers",
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${"F".repeat(20)}\r\n`,
  ],
  [
    "a chunk without its end",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabX\r\n0\r\n\r\n",
  ],
  ["a space before a header's colon", "HTTP/1.1 200 OK\r\ncontent-length : 5\r\n\r\nhello"],
  ["a NUL in a header", "HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n"],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
  ["a version that is none", "HTTP/9.9 200 OK\r\n\r\n"],
  [
    "an upgrade that nobody asked for",
    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
  ],
])("%s ends in an error of ours, and the connection with it", async (_name, bytes) => {
  await using server = await serveRaw(say(bytes));
  const clock = new FakeClock();
  await using http = new HTTPClient({ ...oneTry, clock });

  expect(["PROTOCOL_ERROR", "CONNECTION_LOST"]).toContain(await codeOf(http.get(server.url)));
  expect(["PROTOCOL_ERROR", "CONNECTION_LOST"]).toContain(
    await codeOf(http.stream(server.url).then((answer) => answer.bytes())),
  );
  await server.idle();
  expect(clock.pending).toBe(0);
});

test("a second answer that nobody asked for is never given to the next request", async () => {
  let connections = 0;
  await using server = await serveRaw((socket) => {
    connections++;
    const evil = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood${evil}`);
  });
  await using http = new HTTPClient(oneTry);

  for (let i = 0; i < 3; i++) {
    const [outcome] = await Promise.allSettled([http.get(server.url)]);
    if (outcome.status === "fulfilled") expect(outcome.value.text).toBe("good");
  }
  expect(connections).toBe(3);
});

const chunked =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\ntrailer: 1\r\n\r\n";
const zipped = gzipSync("hello");
const compressed = Buffer.concat([
  Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${zipped.length}\r\n\r\n`,
  ),
  zipped,
]);

test.each([
  ["in chunks", Buffer.from(chunked)],
  ["compressed", compressed],
])(
  "a reset after every number of bytes of an answer %s is told, whole and as a stream",
  async (_name, answer) => {
    let bytes = 0;
    await using server = await serveRaw((socket) => {
      socket.write(answer.subarray(0, bytes), () => socket.resetAndDestroy());
    });
    const clock = new FakeClock();
    await using http = new HTTPClient({ ...oneTry, clock });

    for (bytes = 0; bytes < answer.length; bytes++) {
      const outcomes = await Promise.all([
        codeOf(http.get(server.url)),
        codeOf(http.stream(server.url).then((stream) => stream.bytes())),
      ]);
      expect(outcomes, `after ${bytes} bytes`).toEqual(["CONNECTION_LOST", "CONNECTION_LOST"]);
    }
    await server.idle();
    expect(clock.pending).toBe(0);
  },
);

test("a head that comes a byte at a time, for ever, ends at the first-byte time-out", async () => {
  const sockets: Socket[] = [];
  await using server = await serveRaw((socket) => void sockets.push(socket));
  const clock = new FakeClock();
  await using http = new HTTPClient({ ...oneTry, clock, timeout: { firstByte: 1_000, idle: 500 } });

  const outcome = codeOf(http.get(server.url));
  while (sockets.length === 0) await settle();
  for (const byte of "HTTP/1.1 2") {
    await settle();
    sockets[0]?.write(byte);
    await clock.advance(100);
  }

  expect(await outcome).toBe("TIMEOUT");
  await server.idle();
  expect(clock.pending).toBe(0);
});

test("early hints, as many as come, are passed over", async () => {
  const hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(500);
  await using server = await serveRaw(
    say(`${hints}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`),
  );
  await using http = new HTTPClient(oneTry);

  expect((await http.get(server.url)).text).toBe("ok");
});

test("a body without a length ends with its connection; its head alone is not enough to know", async () => {
  await using server = await serveRaw(say("HTTP/1.0 200 OK\r\n\r\nall of it"));
  await using http = new HTTPClient(oneTry);

  expect((await http.get(server.url)).text).toBe("all of it");
});

test("ten thousand requests at once are all answered, over 256 connections, and leave nothing", async () => {
  await using server = await serve((_, response) => response.end("x"));
  const clock = new FakeClock();
  const http = new HTTPClient({ clock });
  let most = 0;

  const answers = await Promise.all(
    Array.from({ length: 10_000 }, async () => {
      const { ok } = await http.get(server.url);
      most = Math.max(most, server.open);
      return ok;
    }),
  );

  expect(answers.every(Boolean)).toBe(true);
  expect(most).toBeLessThanOrEqual(256);
  expect(clock.pending).toBe(0);
  await http.close();
  await server.idle();
}, 20_000);

test("a thousand requests that wait for a connection end at their deadline, all of them", async () => {
  await using server = await serve(() => {});
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, maxConnections: 2, timeout: 1_000 });

  const calls = Array.from({ length: 1_000 }, () => codeOf(http.get(server.url)));
  await server.until(2);
  await clock.advance(1_000);

  expect(new Set(await Promise.all(calls))).toEqual(new Set(["DEADLINE_EXCEEDED"]));
  expect(clock.pending).toBe(0);
});

test("a server that restarts is found again, by every request that was under way", async () => {
  const sockets = new Set<Socket>();
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  const first = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  first.listen(0, "127.0.0.1");
  await once(first, "listening");
  const { port } = first.address() as { port: number };
  await using http = new HTTPClient({ retryBackoff: 20, maxRetries: 20 });

  const calls = Array.from({ length: 50 }, () => http.get(`http://127.0.0.1:${port}/`));
  while (sockets.size < 50) await once(first, "connection");
  first.close();
  for (const socket of sockets) socket.resetAndDestroy();
  await once(first, "close");
  const second = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", () => socket.write(answer));
  });
  second.listen(port, "127.0.0.1");
  await once(second, "listening");

  const texts = (await Promise.all(calls)).map(({ text }) => text);
  expect(texts).toEqual(Array(50).fill("ok"));
  await http.close();
  for (const socket of sockets) socket.destroy();
  second.close();
  await once(second, "close");
});

test("streams that are left leave no listener on a signal that lives on", async () => {
  await using server = await serve((_, response) => response.write("a"));
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

  for (let i = 0; i < 20; i++) {
    const answer = await http.stream(server.url, { signal });
    expect(listeners).toBe(1);
    await answer.close();
  }

  expect(listeners).toBe(0);
  await server.idle();
});

test("requests that were given up while they waited cost no connection", async () => {
  let connections = 0;
  let release: (() => void) | undefined;
  await using server = await serve(
    (request, response) => {
      const { server: listening } = request.socket as unknown as { server: Server };
      listening.on("connection", () => connections++);
      release = () => response.end("first");
    },
    (_, response) => response.end("last"),
  );
  await using http = new HTTPClient({ maxConnections: 1 });
  const controller = new AbortController();
  const first = http.get(server.url);
  await server.until(1);
  const given = Array.from({ length: 50 }, () =>
    codeOf(http.get(server.url, { signal: controller.signal })),
  );
  const last = http.get(server.url);

  controller.abort();
  expect(new Set(await Promise.all(given))).toEqual(new Set(["ABORTED"]));
  release?.();

  expect((await first).text).toBe("first");
  expect((await last).text).toBe("last");
  expect(server.seen).toBe(2);
  expect(connections).toBe(0);
});

test("a retry does not wait for the rest of a body that nobody will read", async () => {
  await using server = await serve(
    (_, response) => response.writeHead(503).write("and so on"),
    (_, response) => response.end("ok"),
  );
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, rng: { next: () => 0 } });

  const opening = http.stream(server.url);
  await server.until(1);
  while (clock.pending === 0) await settle();
  await clock.advance(0);
  let answer: Awaited<typeof opening> | undefined;
  void opening.then((opened) => {
    answer = opened;
  });
  for (let i = 0; i < 50 && !answer; i++) await clock.advance(0);

  expect(await answer?.text()).toBe("ok");
});

test("a status that is none is a ProtocolError, and its connection is gone", async () => {
  await using server = await serveRaw((socket) =>
    socket.write("HTTP/1.1 099 No\r\ncontent-length: 0\r\n\r\n"),
  );
  await using http = new HTTPClient({ maxRetries: 0 });

  await expect(http.get(server.url)).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
  await server.idle();
});
