import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import {
  delimiter,
  type HostAddress,
  type Lookup,
  lengthPrefix,
  TCPClient,
  TCPServer,
} from "@net/sockets";
import { expect, onTestFinished, test, vi } from "vitest";
import { serve } from "../support/serve.ts";

const framing = delimiter("\n");

test.runIf(process.platform !== "win32")(
  "a Unix socket carries messages, says where it is, and its file goes with the server",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "net-sockets-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "s");
    await using server = await TCPServer.listen({ path, framing }, async (connection) => {
      expect(connection.remoteAddress).toBe(`unix:${path}`);
      for await (const line of connection) await connection.send(`you said ${line}`);
    });
    expect(server.address).toBe(`unix:${path}`);
    await using client = await TCPClient.connect({ path }, { framing });
    expect(client.address).toBe(`unix:${path}`);
    await client.send("hello");
    expect(String(await client.receive())).toBe("you said hello");
    await client.close();
    await server.close();
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(TCPClient.connect({ path })).rejects.toMatchObject({ code: "CONNECTION_REFUSED" });
  },
);

test("an empty path is a ValidationError", async () => {
  expect(() => new TCPClient({ path: "" })).toThrow(ValidationError);
  await expect(TCPServer.listen({ path: "" }, async () => {})).rejects.toThrow(ValidationError);
});

test("half-close: a client that has ended its side still gets the answer", async () => {
  await using server = await TCPServer.listen(
    { framing, allowHalfOpen: true },
    async (connection) => {
      const lines: string[] = [];
      for await (const line of connection) lines.push(String(line));
      await connection.send(`${lines.length} lines`);
    },
  );
  await using client = await TCPClient.connect(server.host, server.port, { framing });
  void client.send("one");
  void client.send("two");
  await client.end();
  await expect(client.send("three")).rejects.toMatchObject({ code: "CLOSED" });
  expect(String(await client.receive())).toBe("2 lines");
  expect(await client.receive()).toBeUndefined();
});

test("with allowHalfOpen a client may answer a server that has ended its side", async () => {
  const heard = Promise.withResolvers<string>();
  const port = await serve(
    (socket) => {
      socket.end("any questions?\n");
      socket.on("data", (chunk) => heard.resolve(String(chunk)));
    },
    { allowHalfOpen: true },
  );
  await using client = await TCPClient.connect("127.0.0.1", port, { framing, allowHalfOpen: true });
  expect(String(await client.receive())).toBe("any questions?");
  expect(await client.receive()).toBeUndefined();
  await client.send("none");
  expect(await heard.promise).toBe("none\n");
});

test("a name with several addresses reaches the one where somebody listens", async () => {
  const port = await serve((socket) => socket.end("here\n"));
  const asked: unknown[] = [];
  const lookup: Lookup = async (host, family) => {
    asked.push([host, family]);
    return [
      { address: "127.0.0.2", family: 4 },
      { address: "127.0.0.1", family: 4 },
    ];
  };
  await using client = await TCPClient.connect("two.test", port, { framing, lookup });
  expect(String(await client.receive())).toBe("here");
  expect(asked).toEqual([
    ["two.test", 6],
    ["two.test", 4],
  ]);
});

test("a name without an address, and one whose addresses all refuse, say so", async () => {
  const none = TCPClient.connect("none.test", 9, { lookup: async () => [] });
  await expect(none).rejects.toMatchObject({ code: "NAME_NOT_FOUND", phase: "resolve" });
  const refusing = async (): Promise<readonly HostAddress[]> => [
    { address: "127.0.0.1", family: 4 },
    { address: "127.0.0.2", family: 4 },
  ];
  const refused = TCPClient.connect("refusing.test", 1, { lookup: refusing });
  await expect(refused).rejects.toMatchObject({ code: "CONNECTION_REFUSED", phase: "connect" });
});

test("a name server that is silent about IPv6 holds a connection up for 50 ms, and no longer", async () => {
  const port = await serve((socket) => socket.end("here\n"));
  const clock = new FakeClock();
  const lookup: Lookup = async (_host, family) =>
    family === 6 ? new Promise<never>(() => {}) : [{ address: "127.0.0.1", family: 4 }];
  const client = new TCPClient("half.test", port, { framing, lookup, clock });
  const connecting = client.connect();
  await clock.advance(49);
  const attempts = vi.spyOn(Socket.prototype, "connect");
  onTestFinished(() => attempts.mockRestore());
  await clock.advance(0);
  expect(attempts).not.toHaveBeenCalled();
  await clock.advance(1);
  expect(attempts).toHaveBeenCalledTimes(1);
  await connecting;
  expect(String(await client.receive())).toBe("here");
  await client.close();
  expect(clock.pending).toBe(0);
});

test("an abort ends the wait for a name server that is silent", async () => {
  const controller = new AbortController();
  const lookup = (): Promise<never> => new Promise(() => {});
  const connecting = TCPClient.connect("silent.test", 9, { lookup, signal: controller.signal });
  controller.abort();
  await expect(connecting).rejects.toMatchObject({ code: "ABORTED" });
});

const hasIPv6 = await new Promise<boolean>((resolve) => {
  const probe = createServer().once("error", () => resolve(false));
  probe.listen(0, "::1", () => probe.close(() => resolve(true)));
});

test("IPv6: client and server meet at ::1", async ({ skip }) => {
  if (!hasIPv6) skip("this machine has no ::1");
  await using server = await TCPServer.listen({ host: "::1", framing }, async (connection) => {
    await connection.send(connection.remoteAddress);
  });
  await using client = await TCPClient.connect("::1", server.port, { framing });
  expect(server.address).toBe(`tcp://[::1]:${server.port}`);
  expect(String(await client.receive())).toMatch(/^tcp:\/\/\[::1\]:\d+$/);
});

test("keepAlive is asked of the system, in ms", async () => {
  const asked = vi.spyOn(Socket.prototype, "setKeepAlive");
  onTestFinished(() => asked.mockRestore());
  const port = await serve(() => {});
  await using _client = await TCPClient.connect("127.0.0.1", port, { keepAlive: 5_000 });
  expect(asked).toHaveBeenCalledWith(true, 5_000);
  expect(() => new TCPClient("127.0.0.1", port, { keepAlive: -1 })).toThrow(ValidationError);
});

test("messages of one tick leave in one write", async () => {
  const written = vi.spyOn(Socket.prototype, "write");
  onTestFinished(() => written.mockRestore());
  const port = await serve((socket) => socket.resume());
  await using client = await TCPClient.connect("127.0.0.1", port, { framing: lengthPrefix() });
  await Promise.all(Array.from({ length: 100 }, () => client.send("small")));
  await client.end();
  const sizes = written.mock.calls.map(([chunk]) => (chunk as Uint8Array).byteLength);
  expect(sizes).toEqual([900]);
});
