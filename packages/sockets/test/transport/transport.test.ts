import { once } from "node:events";
import { connect } from "node:net";
import { type Link, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { tcpTransport } from "@net/sockets";
import { expect, test, vi } from "vitest";
import { formatAddress, parseAddress } from "../../src/tcp/address.ts";

test("an IPv6 host stands in brackets, an IPv4 host that came through IPv6 is IPv4 again", () => {
  expect(parseAddress("tcp://[::1]:7000")).toEqual({ host: "::1", port: 7000 });
  expect(parseAddress("tcp://my-host.local:0")).toEqual({ host: "my-host.local", port: 0 });
  expect(formatAddress({ host: "fe80::1", port: 7000 })).toBe("tcp://[fe80::1]:7000");
  expect(formatAddress({ host: "::ffff:10.0.0.1", port: 7000 })).toBe("tcp://10.0.0.1:7000");
});

test("port 0 can be listened at, and not dialled", async () => {
  const transport = tcpTransport();
  await using listener = await transport.listen("tcp://127.0.0.1:0", () => {});
  expect(listener.address).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  await expect(transport.dial("tcp://127.0.0.1:0")).rejects.toThrow(ValidationError);
});

test("half a frame at the end, and a frame of another protocol, end the link with a reason", async () => {
  const links: Promise<Link>[] = [];
  let arrived = Promise.withResolvers<Link>();
  await using listener = await tcpTransport().listen("tcp://127.0.0.1:0", (link) => {
    link.receive(() => {});
    arrived.resolve(link);
  });
  const port = Number(new URL(listener.address).port);
  for (const bytes of [Buffer.from([0, 0, 0, 0, 9, 1]), Buffer.from("GET / HTTP/1.1\r\n\r\n")]) {
    arrived = Promise.withResolvers<Link>();
    links.push(arrived.promise);
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    socket.end(bytes);
    socket.resume();
    await once(socket, "close");
  }
  const [truncated, foreign] = await Promise.all(links.map(async (link) => (await link).closed));
  expect(truncated).toMatchObject({ code: "lost", error: { code: "PROTOCOL_ERROR" } });
  expect(foreign).toMatchObject({ code: "protocol-error", error: { code: "PROTOCOL_ERROR" } });
});

test("a dial that takes too long is a NetworkTimeoutError", async () => {
  const clock = new FakeClock();
  const net = await import("node:net");
  const silent = vi.spyOn(net.Socket.prototype, "connect");
  silent.mockImplementationOnce(function (this: InstanceType<typeof net.Socket>) {
    return this;
  });
  const dial = tcpTransport({ connectTimeout: 3_000, clock }).dial("tcp://127.0.0.1:9");
  silent.mockRestore();
  const failed = expect(dial).rejects.toMatchObject({ kind: "connect", timeoutMs: 3_000 });
  await clock.advance(3_000);
  await failed;
  expect(clock.pending).toBe(0);
});

test("limits out of range are refused before anything is dialled", () => {
  for (const bad of [
    { maxFrameBytes: 0 },
    { maxFrameBytes: 2 ** 32 },
    { maxFrameBytes: 1.5 },
    { highWaterMark: -1 },
    { highWaterMark: Number.NaN },
    { connectTimeout: 0 },
  ]) {
    expect(() => tcpTransport(bad)).toThrow(ValidationError);
  }
});
