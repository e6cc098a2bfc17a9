import type { Socket } from "node:net";
import { AbortedError, ProtocolError, seededRng, ValidationError } from "@net/core";
import {
  delimiter,
  type Framing,
  lengthPrefix,
  raw,
  TCPClient,
  TCPConnection,
  TCPServer,
} from "@net/sockets";
import { expect, test } from "vitest";
import { serve } from "../support/serve.ts";

/** A client whose messages come back. */
async function echoing(options: { framing: Framing; highWaterMark?: number }): Promise<TCPClient> {
  const port = await serve((socket) => socket.pipe(socket));
  return await TCPClient.connect("127.0.0.1", port, options);
}

test("a client says where it leads", async () => {
  const client = new TCPClient("localhost", 7000);
  expect([client.host, client.port, client.address]).toEqual([
    "localhost",
    7000,
    "tcp://localhost:7000",
  ]);
  const local = new TCPClient({ path: "/run/x.sock" });
  expect([local.host, local.port, local.address]).toEqual(["", 0, "unix:/run/x.sock"]);
});

test("options out of range are refused before anything is opened", async () => {
  const text = "5" as never;
  for (const bad of [
    ...[{ idleTimeout: 0 }, { highWaterMark: Number.NaN }, { timeout: -1 }, { timeout: text }],
    ...[
      { keepAlive: text },
      { reconnect: { resetAfter: text } },
      { framing: lengthPrefix as never },
    ],
  ]) {
    expect(() => new TCPClient("127.0.0.1", 7000, bad)).toThrow(ValidationError);
  }
  for (const bad of [
    ...[{ idleTimeout: -1 }, { highWaterMark: -1 }, { maxConnections: 0 }, { host: "" }],
    ...[{ port: -1 }, { port: Number.NaN }, { port: 65_536 }, { port: text }],
  ]) {
    await expect(TCPServer.listen(bad, async () => {})).rejects.toThrow(ValidationError);
  }
});

test("poll gives what has come, in order with receive, and nothing while nothing has", async () => {
  await using client = await echoing({ framing: delimiter("\n") });
  expect(client.poll()).toBeUndefined();
  await Promise.all(["one", "two", "three"].map((line) => client.send(line)));
  expect(String(await client.receive())).toBe("one");
  expect([client.poll(), client.poll(), client.poll()].map(String)).toEqual([
    "two",
    "three",
    "undefined",
  ]);
  await client.close();
  expect(client.poll()).toBeUndefined();
});

test("leaving a loop leaves the rest; iterators that wait are served in their order", async () => {
  await using client = await echoing({ framing: delimiter("\n") });
  await Promise.all(["one", "two", "three"].map((line) => client.send(line)));
  for await (const line of client) {
    expect(String(line)).toBe("one");
    break;
  }
  const iterator = client[Symbol.asyncIterator]();
  const next = [iterator.next(), iterator.next(), iterator.next()];
  await client.send("four");
  const values = (await Promise.all(next)).map(({ value }) => String(value));
  expect(values).toEqual(["two", "three", "four"]);
  await iterator.return?.();
  expect(await iterator.next()).toEqual({ value: undefined, done: true });
});

test.each([100, 10_000, 40_000, 300_000])(
  "once a send of %i bytes has resolved, its bytes may be used again",
  async (size) => {
    await using client = await echoing({ framing: lengthPrefix() });
    const bytes = Buffer.alloc(size);
    const sending = async (): Promise<void> => {
      for (let i = 1; i <= 5; i++) {
        bytes.fill(i);
        await client.send(bytes);
        bytes.fill(255);
      }
    };
    const sent = sending();
    for (let i = 1; i <= 5; i++) {
      expect(Buffer.alloc(size, i).equals((await client.receive()) as Uint8Array)).toBe(true);
    }
    await sent;
  },
);

test.each([64 * 1024, 1_000, 0])(
  "messages of all sizes come whole and stay so, with a high-water mark of %i",
  async (highWaterMark) => {
    await using client = await echoing({ framing: lengthPrefix(), highWaterMark });
    const rng = seededRng(3);
    const sizes = Array.from({ length: 120 }, () => Math.floor(rng.next() ** 6 * 400_000));
    const sending = (async () => {
      for (const [i, size] of sizes.entries()) await client.send(Buffer.alloc(size, i));
    })();
    const received: Uint8Array[] = [];
    for await (const message of client) {
      received.push(message);
      if (received.length === sizes.length) break;
    }
    await sending;
    // Compared at the end: a message may be a view of a chunk, which nothing may take away.
    for (const [i, message] of received.entries()) {
      expect(Buffer.alloc(sizes[i] as number, i).equals(message)).toBe(true);
    }
  },
);

test("after what was no message, nothing is one", async () => {
  const answers = [new ProtocolError("nonsense"), Buffer.from("bogus")];
  const framing: Framing = {
    ...raw(),
    decoder: () => ({
      push: () => {},
      end: () => {},
      next: () => {
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return answer;
      },
    }),
  };
  const port = await serve((socket) => socket.write("x"));
  await using client = await TCPClient.connect("127.0.0.1", port, { framing });
  await expect(client.receive()).rejects.toThrow("nonsense");
  expect(client.poll()).toBeUndefined();
  await expect(client.receive()).rejects.toThrow("nonsense");
});

test("a send whose signal has aborted sends nothing", async () => {
  await using client = await echoing({ framing: delimiter("\n") });
  await expect(client.send("one", { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  await client.send("two");
  expect(String(await client.receive())).toBe("two");
});

test("what a framing wrote of a message it then refuses is not sent", async () => {
  const picky: Framing = {
    ...delimiter("\n"),
    encode: (message, out) => {
      out.write(message);
      if (message.byteLength > 3) throw new ValidationError("too long for this one");
      out.write(Buffer.from("\n"));
    },
  };
  await using client = await echoing({ framing: picky });
  const sends = ["a", "toolong", "b", "x".repeat(100_000), "c"].map((text) => client.send(text));
  const states = (await Promise.allSettled(sends)).map(({ status }) => status[0]);
  expect(states).toEqual(["f", "r", "f", "r", "f"]);
  for (const line of ["a", "b", "c"]) expect(String(await client.receive())).toBe(line);
});

test.each([
  { name: "a delimiter that never comes", framing: delimiter("\n", { maxBytes: 2 ** 30 }) },
  { name: "half a message", framing: lengthPrefix({ maxBytes: 2 ** 30 }) },
  { name: "raw bytes", framing: raw() },
])(
  "$name, with nobody who reads, holds the sender back instead of filling the memory",
  async ({ framing }) => {
    const sender = Promise.withResolvers<Socket>();
    const port = await serve(sender.resolve);
    await using client = await TCPClient.connect("127.0.0.1", port, { framing });
    const socket = await sender.promise;
    const total = 64 * 1024 * 1024;
    socket.write(Buffer.alloc(total, 1));
    for (let i = 0; i < 300; i++) await new Promise(setImmediate);
    expect(socket.writableLength).toBeGreaterThan(total / 2);
    await client.close({ timeout: 1 });
  },
);

test("a connection without a reader does not miss a message that came before the end", async () => {
  const done = Promise.withResolvers<unknown>();
  const framing = lengthPrefix();
  await using server = await TCPServer.listen({ framing }, async (connection) => {
    await connection.closed;
    expect(connection.hasUnread).toBe(true);
    expect(connection.hasUnread).toBe(true);
    done.resolve([
      String(await connection.receive()),
      String(connection.poll()),
      await connection.receive(),
    ]);
  });
  const client = await TCPClient.connect(server.host, server.port, { framing });
  await Promise.all([client.send("one"), client.send("two")]);
  await client.close();
  expect(await done.promise).toEqual(["one", "two", undefined]);
});

test("a connection whose messages were all taken learns of its end, though nobody asks for more", async () => {
  const message = Buffer.concat([Buffer.from([0, 0, 3, 232]), Buffer.alloc(1_000, "x")]);
  const port = await serve((socket) => void socket.end(Buffer.concat([message, message])));
  await using client = await TCPClient.connect("127.0.0.1", port, {
    framing: lengthPrefix(),
    highWaterMark: 1_000,
  });
  const closed = new Promise((resolve) => client.on("state", resolve));
  // Nobody reads: what comes pauses the socket.
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
  expect([client.poll()?.length, client.poll()?.length]).toEqual([1_000, 1_000]);
  expect(await closed).toBe("closed");
});

test("a message is a Buffer, whether it had to wait or be waited for", async () => {
  await using client = await echoing({ framing: lengthPrefix() });
  const waitedFor = client.receive();
  await Promise.all(["one", "two", "three"].map((text) => client.send(text)));
  const messages = [await waitedFor, await client.receive(), client.poll()];
  expect(messages.map(String)).toEqual(["one", "two", "three"]);
  expect(messages.every((message) => Buffer.isBuffer(message))).toBe(true);
});

test("a connection refuses options that make no sense", () => {
  expect(() => new TCPConnection({} as Socket, { highWaterMark: -1 })).toThrow(ValidationError);
});
