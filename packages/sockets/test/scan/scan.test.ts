import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, Socket } from "node:net";
import { createServer as createTLSServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import {
  localInterfaces,
  type PortResult,
  PortScanner,
  type ScanProgress,
  scan,
} from "@net/sockets";
import { expect, onTestFinished, test, vi } from "vitest";
import { certificate } from "../support/certificate.ts";
import { serve } from "../support/serve.ts";

const host = "127.0.0.1";
const hasIPv6 = localInterfaces().some(({ address }) => address === "::1");

async function all(...args: Parameters<typeof scan>): Promise<PortResult[]> {
  const results: PortResult[] = [];
  for await (const result of scan(...args)) results.push(result);
  return results;
}

test("open and closed ports are told apart, with reason, round trip and service", async () => {
  const port = await serve(() => {});
  const results = await all([host], [port, 1]);
  expect(results.toSorted((a, b) => a.port - b.port)).toEqual([
    {
      ...{ host, address: host, port: 1, state: "closed", reason: "refused" },
      ...{ rttMs: expect.any(Number), service: "tcpmux", banner: undefined },
    },
    expect.objectContaining({ port, state: "open", reason: "accepted", rttMs: expect.any(Number) }),
  ]);
});

test("PortScanner.scan is the same", async () => {
  const port = await serve(() => {});
  const found: number[] = [];
  for await (const result of PortScanner.scan([host], [port])) found.push(result.port);
  expect(found).toEqual([port]);
});

test("several hosts and ranges: every port of each, once", async () => {
  const results = await all(["127.0.0.0/30", "localhost"], ["1-3"], {
    lookup: async () => [{ address: host, family: 4 }],
  });
  expect(new Set(results.map(({ address, port }) => `${address}:${port}`)).size).toBe(12);
  expect(results).toHaveLength(12);
});

test("IPv6: a listener on ::1 is found", async ({ skip }) => {
  if (!hasIPv6) skip("this machine has no ::1");
  const port = await serve(() => {}, { host: "::1" });
  expect(await all(["::1"], [port])).toMatchObject([{ host: "::1", state: "open" }]);
});

test("no answer is filtered: with a fixed time-out at once, asked again if wanted", async () => {
  const clock = new FakeClock();
  const silent = vi.spyOn(Socket.prototype, "connect").mockReturnThis();
  onTestFinished(() => silent.mockRestore());
  const scanning = all([host], [7], { timeout: 200, retries: 1, clock });
  while (silent.mock.calls.length < 1) await clock.advance(0);
  await clock.advance(220);
  while (silent.mock.calls.length < 2) await clock.advance(0);
  await clock.advance(360);
  expect(clock.pending).toBeGreaterThan(0);
  await clock.advance(40);
  expect(await scanning).toMatchObject([
    { state: "filtered", reason: "no-response", rttMs: undefined },
  ]);
  expect(silent).toHaveBeenCalledTimes(2);
  expect(clock.pending).toBe(0);
});

test.each([
  ["EHOSTUNREACH", "filtered", "unreachable"],
  ["EPERM", "filtered", "prohibited"],
  ["ECONNRESET", "closed", "reset"],
] as const)("%s is %s, %s", async (code, state, reason) => {
  fail(1, code);
  expect(await all([host], [9])).toMatchObject([{ state, reason }]);
});

test.each(["EMFILE", "EADDRNOTAVAIL", "ENOBUFS"])(
  "%s slows the scan down, and the port is asked again",
  async (code) => {
    const port = await serve(() => {});
    const attempts = fail(3, code);
    expect(await all([host], [port])).toMatchObject([{ state: "open" }]);
    expect(attempts).toHaveBeenCalledTimes(4);
  },
);

test("when for 10 s nothing at all could be asked, the scan rejects", async () => {
  const clock = new FakeClock();
  const attempts = fail(Number.POSITIVE_INFINITY, "EADDRNOTAVAIL");
  const scanning = expect(all([host], [9, 10], { clock })).rejects.toMatchObject({
    code: "ADDRESS_UNAVAILABLE",
  });
  for (let i = 0; i < 300; i++) await clock.advance(50);
  await scanning;
  expect(attempts.mock.calls.length).toBeGreaterThan(100);
  expect(clock.pending).toBe(0);
});

test("an attempt that meets itself is closed", async () => {
  const probe = createServer().listen(0, host);
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  const connect = vi.spyOn(Socket.prototype, "connect");
  onTestFinished(() => connect.mockRestore());
  connect.mockImplementationOnce(function (this: Socket) {
    return this.connect({ host, port, localAddress: host, localPort: port });
  });
  expect(await all([host], [port])).toMatchObject([{ state: "closed", reason: "self-connect" }]);
});

test("a banner is what the service says first, made printable", async () => {
  const port = await serve((socket) => socket.write("SSH-2.0-test\r\n\x1b[31mred\0\r\n"));
  expect(await all([host], [port], { banner: true })).toMatchObject([
    { banner: { text: "SSH-2.0-test\n\\x1b[31mred\\x00" } },
  ]);
});

test("of a service that waits for TLS, the banner is its certificate", async () => {
  const server = createTLSServer(certificate);
  const port = await listen(server);
  const [result] = await all([host], [port], { banner: true, bannerTimeout: 400 });
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
  const results = await all([host], [silent, hangsUp, plain], {
    banner: true,
    bannerTimeout: 100,
  });
  expect(results.map(({ state, banner }) => [state, banner])).toEqual(
    Array.from({ length: 3 }, () => ["open", undefined]),
  );
});

test("progress is told, at the end for sure", async () => {
  const port = await serve(() => {});
  const told: ScanProgress[] = [];
  await all([host], [port, 1, 2], { onProgress: (progress) => told.push(progress) });
  expect(told.at(-1)).toMatchObject({ done: 3, total: 3, open: 1 });
});

test("a rate limits how many attempts begin", async () => {
  const clock = new FakeClock();
  const silent = vi.spyOn(Socket.prototype, "connect").mockReturnThis();
  onTestFinished(() => silent.mockRestore());
  const controller = new AbortController();
  const scanning = all([host], ["1-1000"], { rate: 10, clock, signal: controller.signal });
  const aborted = expect(scanning).rejects.toMatchObject({ code: "ABORTED" });
  await clock.advance(1_000);
  // One at the beginning and one each 100 ms; the first is helped by the clock's start at 0.
  expect(silent.mock.calls.length).toBeGreaterThanOrEqual(10);
  expect(silent.mock.calls.length).toBeLessThanOrEqual(12);
  controller.abort();
  await aborted;
  expect(clock.pending).toBe(0);
});

test("no more attempts than `concurrency` are under way", async () => {
  const clock = new FakeClock();
  const silent = vi.spyOn(Socket.prototype, "connect").mockReturnThis();
  onTestFinished(() => silent.mockRestore());
  const controller = new AbortController();
  const { signal } = controller;
  const options = { concurrency: 7, timeout: 500, clock, signal } as const;
  const scanning = all([host], ["1-1000"], options);
  const aborted = expect(scanning).rejects.toMatchObject({ code: "ABORTED" });
  await clock.advance(400);
  expect(silent.mock.calls).toHaveLength(7);
  await clock.advance(200);
  await new Promise(setImmediate);
  expect(silent.mock.calls).toHaveLength(14);
  controller.abort();
  await aborted;
});

test.each([{ workers: 0 }, { workers: 2 }])(
  "an abort in the middle rejects and leaves no socket ($workers workers)",
  async ({ workers }) => {
    const before = sockets();
    const controller = new AbortController();
    const scanning = (async () => {
      for await (const _ of scan([host], ["-"], { signal: controller.signal, workers })) {
        controller.abort();
      }
    })();
    await expect(scanning).rejects.toMatchObject({ code: "ABORTED" });
    for (let i = 0; i < 10; i++) await new Promise(setImmediate);
    expect(sockets()).toBe(before);
  },
);

test("leaving the loop ends the scan, and a slow reader slows it down", async () => {
  const attempts = vi.spyOn(Socket.prototype, "connect");
  onTestFinished(() => attempts.mockRestore());
  const before = sockets();
  for await (const _ of scan([host], ["-"])) {
    for (let i = 0; i < 200; i++) await new Promise(setImmediate);
    break;
  }
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  expect(sockets()).toBe(before);
  expect(attempts.mock.calls.length).toBeLessThan(1024 + 2 * 256);
});

test("workers find the same", async () => {
  const port = await serve((socket) => socket.write("hello"));
  const results = await all([host], [port, "1-200"], { workers: 2, banner: true });
  expect(results).toHaveLength(201);
  expect(results.filter(({ state }) => state === "open")).toMatchObject([
    { port, banner: { text: "hello" } },
  ]);
});

test("options that make no sense are refused", async () => {
  for (const options of [
    { concurrency: 0 },
    { rate: 0 },
    { timeout: 0 },
    { retries: -1 },
    { workers: 1.5 },
    { workers: 1_000 },
    { maxHosts: 0 },
    { bannerTimeout: 0 },
  ]) {
    await expect(all([host], [1], options)).rejects.toThrow(ValidationError);
  }
  await expect(all([host], [1], { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "ABORTED",
  });
});

test.runIf(process.platform !== "win32")(
  "with few file handles the scan slows down: no open port is missed, none is wrong",
  { timeout: 30_000 },
  async () => {
    const port = await serve(() => {});
    const script = fileURLToPath(new URL("../support/scan-with-few-handles.ts", import.meta.url));
    const node = `"${process.execPath}" --conditions=@net/source "${script}" ${port}`;
    const { stdout } = await promisify(execFile)("sh", ["-c", `ulimit -n 60 && ${node}`]);
    expect(JSON.parse(stdout)).toEqual({ open: [port], closed: 2_000, filtered: 0 });
  },
);

/** Lets the next attempts to connect fail with that error of the system. */
function fail(times: number, code: string) {
  const original = Socket.prototype.connect;
  let left = times;
  const spy = vi.spyOn(Socket.prototype, "connect").mockImplementation(function (
    this: Socket,
    ...args: unknown[]
  ) {
    if (left-- <= 0) return Reflect.apply(original, this, args) as Socket;
    const error = Object.assign(new Error(`connect ${code}`), { code, syscall: "connect" });
    return this.destroy(error);
  });
  onTestFinished(() => spy.mockRestore());
  return spy;
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => /TCPSocket|TCPConnect|Worker/.test(name))
    .length;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, host);
  server.on("tlsClientError", () => {});
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
