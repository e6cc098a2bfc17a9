import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTLSServer } from "node:tls";
import { testCertificate as certificate, FakeClock } from "@net/core/testing";
import { scan } from "@net/sockets";
import { expect, onTestFinished, test, vi } from "vitest";
import { scanAll } from "../support/scan-all.ts";
import { serve } from "../support/serve.ts";

const host = "127.0.0.1";

test("a scan that is left waits for no banner", async () => {
  const clock = new FakeClock();
  const talking = Promise.withResolvers<Socket>();
  const silent = await serve((socket) => talking.resolve(socket));
  for await (const { port } of scan([host], [silent, 1], { banner: true, clock })) {
    expect(port).toBe(1);
    await talking.promise;
    await new Promise(setImmediate);
    break;
  }
  const socket = await talking.promise;
  if (!socket.closed) await once(socket.resume(), "close");
  await vi.waitFor(() => expect(clock.pending).toBe(0));
});

test("a banner is what the service says first, made printable", async () => {
  const port = await serve((socket) => socket.write("SSH-2.0-test\r\n\x1b[31mred\0\r\n"));
  expect(await scanAll([host], [port], { banner: true })).toMatchObject([
    { banner: { text: "SSH-2.0-test\n\\x1b[31mred\\x00" } },
  ]);
});

test("a banner has at most 1 KiB, and its connection is closed then", async () => {
  const accepted = Promise.withResolvers<Socket>();
  const port = await serve((socket) => {
    socket.write("x".repeat(5_000));
    accepted.resolve(socket);
  });
  const [{ banner } = {}] = await scanAll([host], [port], { banner: true });
  expect(banner?.text).toBe("x".repeat(1_024));
  const socket = (await accepted.promise).resume();
  if (!socket.closed) await once(socket, "close");
});

test("of a service that waits for TLS, the banner is its certificate", async () => {
  const server = createTLSServer(certificate);
  const port = await listen(server);
  const [result] = await scanAll([host], [port], { banner: true, bannerTimeout: 400 });
  expect(result?.banner?.tls).toEqual({
    protocol: "TLSv1.3",
    names: ["localhost", "127.0.0.1"],
    issuer: "localhost",
    validTo: expect.stringContaining("2120"),
    fingerprint256: expect.stringMatching(/^[0-9A-F:]{95}$/),
  });
});

test("a service that says nothing, hangs up, or does not speak TLS has no banner", async () => {
  const silent = await serve((socket) => socket.resume());
  const hangsUp = await serve((socket) => socket.destroy());
  const plain = await serve((socket) => socket.on("data", () => socket.end("what?")));
  const results = await scanAll([host], [silent, hangsUp, plain], {
    banner: true,
    bannerTimeout: 100,
  });
  expect(results.map(({ state, banner }) => [state, banner])).toEqual(
    Array.from({ length: 3 }, () => ["open", undefined]),
  );
});

async function listen(server: Server): Promise<number> {
  server.listen(0, host);
  server.on("tlsClientError", () => {});
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
