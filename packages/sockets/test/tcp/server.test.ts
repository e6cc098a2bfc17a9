import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ProtocolError, ValidationError } from "@net/core";
import { testCertificate as certificate, FakeClock } from "@net/core/testing";
import { delimiter, lengthPrefix, TCPClient, type TCPConnection, TCPServer } from "@net/sockets";
import { expect, test, vi } from "vitest";

test("each connection is served by the handler, and ends when it returns", async () => {
  const framing = delimiter("\n");
  await using server = await TCPServer.listen({ framing }, async (connection) => {
    const name = await connection.receive();
    await connection.send(`hello ${name}`);
  });
  for (const name of ["ann", "bob"]) {
    await using client = await TCPClient.connect(server.host, server.port, { framing });
    await client.send(name);
    const lines: string[] = [];
    for await (const line of client) lines.push(String(line));
    expect(lines).toEqual([`hello ${name}`]);
  }
});

test("it listens on loopback and a free port unless told otherwise", async () => {
  await using server = await TCPServer.listen({}, async () => {});
  expect(server.host).toBe("127.0.0.1");
  expect(server.address).toBe(`tcp://127.0.0.1:${server.port}`);
  expect(server.port).toBeGreaterThan(0);
});

test("a port that is taken is ADDRESS_IN_USE", async () => {
  await using server = await TCPServer.listen({}, async () => {});
  await expect(TCPServer.listen({ port: server.port }, async () => {})).rejects.toThrow(
    expect.objectContaining({ code: "ADDRESS_IN_USE", phase: "listen" }),
  );
});

test("a delimiter that never comes ends that connection, and the handler learns why", async () => {
  const failed = Promise.withResolvers<unknown>();
  const framing = delimiter("\n", { maxBytes: 1_000 });
  await using server = await TCPServer.listen({ framing }, async (connection) => {
    await connection.receive().catch(failed.resolve);
  });
  const socket = connect(server.port, server.host).on("error", () => {});
  socket.write("x".repeat(5_000));
  expect(await failed.promise).toBeInstanceOf(ProtocolError);
  await once(socket, "close");
});

test("a handler's NetworkError ends its connection and is logged, not thrown", async () => {
  const logged: string[] = [];
  const { silentLogger } = await import("@net/core");
  const logger = {
    ...silentLogger,
    debug: (_fields: unknown, text?: string) => void logged.push(text ?? ""),
  };
  await using server = await TCPServer.listen({ framing: lengthPrefix(), logger }, async (c) => {
    await c.receive();
  });
  const socket = connect(server.port, server.host);
  socket.end(Buffer.from([0, 0, 0, 9, 1]));
  socket.resume();
  await once(socket, "close");
  expect(logged).toEqual([expect.stringContaining("8 bytes are missing")]);
});

test("a handler's own mistake ends its connection, and is an uncaught exception", async () => {
  const script = fileURLToPath(new URL("../support/throwing-handler.ts", import.meta.url));
  const flags = ["--conditions=@net/source", script];
  const { stdout } = await promisify(execFile)(process.execPath, flags);

  expect(JSON.parse(stdout)).toEqual({ uncaught: "a mistake", served: 0 });
});

test("a handler that gives up on its client ends the connection", async () => {
  await using server = await TCPServer.listen({}, async () => {
    throw new ValidationError("this client makes no sense");
  });
  await using client = await TCPClient.connect(server.host, server.port);
  expect(await client.receive().catch(() => undefined)).toBeUndefined();
});

test("more than maxConnections are refused", async () => {
  const served: TCPConnection[] = [];
  await using server = await TCPServer.listen({ maxConnections: 1 }, async (connection) => {
    served.push(connection);
    await connection.receive();
  });
  await using first = await TCPClient.connect(server.host, server.port);
  await using second = await TCPClient.connect(server.host, server.port);
  expect(await second.receive().catch(() => undefined)).toBeUndefined();
  expect(served).toHaveLength(1);
  expect(server.connectionCount).toBe(1);
  await first.close();
});

test("a silent connection ends after idleTimeout, a busy one does not", async () => {
  const clock = new FakeClock();
  const failed = Promise.withResolvers<unknown>();
  const options = { idleTimeout: 1_000, framing: delimiter("\n"), clock };
  await using server = await TCPServer.listen(options, async (connection) => {
    try {
      for await (const line of connection) await connection.send(line);
    } catch (error) {
      failed.resolve(error);
      throw error;
    }
  });
  await using client = await TCPClient.connect(server.host, server.port, {
    framing: delimiter("\n"),
  });
  for (let i = 0; i < 3; i++) {
    await client.send(`${i}`);
    expect(String(await client.receive())).toBe(`${i}`);
    await clock.advance(900);
  }
  await clock.advance(1_000);
  expect(await failed.promise).toMatchObject({ code: "TIMEOUT", kind: "idle" });
});

test("closing the server closes its connections; its signal aborts them", async () => {
  const server = await TCPServer.listen({}, async (connection) => {
    for await (const chunk of connection) await connection.send(chunk);
  });
  await using client = await TCPClient.connect(server.host, server.port);
  await client.send("x");
  await client.receive();
  await Promise.all([server.close(), server.close()]);
  expect(await client.receive()).toBeUndefined();

  const controller = new AbortController();
  const aborted = await TCPServer.listen({ signal: controller.signal }, async (connection) => {
    await connection.receive();
  });
  await using other = await TCPClient.connect(aborted.host, aborted.port);
  await other.send("");
  controller.abort();
  expect(await other.receive().catch(() => undefined)).toBeUndefined();
  await expect(TCPClient.connect(aborted.host, aborted.port)).rejects.toThrow(
    expect.objectContaining({ code: "CONNECTION_REFUSED" }),
  );
});

test("a server that is over keeps no listener on its signal", async () => {
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  const server = await TCPServer.listen({ signal }, async () => {});
  await server.close();
  await vi.waitFor(() => {
    const [kept, gone] = [added, removed].map(
      ({ mock }) => new Set(mock.calls.map(([, listener]) => listener)),
    );
    expect(gone).toEqual(kept);
  });
});

test("TLS: a client that trusts the certificate is served, one that does not is TLS_FAILED", async () => {
  const framing = delimiter("\n");
  await using server = await TCPServer.listen({ tls: certificate, framing }, async (connection) => {
    for await (const line of connection) await connection.send(line);
  });
  const tls = { ca: certificate.cert };
  await using client = await TCPClient.connect("localhost", server.port, { tls, framing });
  await client.send("secret");
  expect(String(await client.receive())).toBe("secret");
  await expect(TCPClient.connect("localhost", server.port, { tls: true })).rejects.toThrow(
    expect.objectContaining({ code: "TLS_FAILED", phase: "tls" }),
  );
});

test("TLS carries large messages whole, both ways", async () => {
  const framing = lengthPrefix();
  await using server = await TCPServer.listen({ tls: certificate, framing }, async (connection) => {
    for await (const message of connection) await connection.send(message);
  });
  const tls = { ca: certificate.cert };
  await using client = await TCPClient.connect("localhost", server.port, { tls, framing });
  const sizes = [3, 200_000, 70_000, 0, 65_536];
  const received: Uint8Array[] = [];
  const receiving = (async () => {
    for (const _ of sizes) received.push((await client.receive()) as Uint8Array);
  })();
  for (const [i, size] of sizes.entries()) await client.send(Buffer.alloc(size, i));
  await receiving;
  for (const [i, message] of received.entries()) {
    expect(Buffer.alloc(sizes[i] as number, i).equals(message)).toBe(true);
  }
});

test("closing a TLS server also ends connections that never finished their handshake", async () => {
  const server = await TCPServer.listen({ tls: certificate }, async () => {});
  const socket = connect(server.port, server.host).on("error", () => {});
  await once(socket, "connect");
  await new Promise(setImmediate);
  const closed = once(socket, "close");
  await server.close();
  await closed;
});

test("a TLS server without a certificate is a ValidationError", async () => {
  await expect(TCPServer.listen({ tls: {} }, async () => {})).rejects.toThrow(ValidationError);
});
