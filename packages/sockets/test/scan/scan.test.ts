import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { localInterfaces, PortScanner, type ScanProgress, scan } from "@net/sockets";
import { expect, onTestFinished, test, vi } from "vitest";
import { scanAll } from "../support/scan-all.ts";
import { serve } from "../support/serve.ts";

const host = "127.0.0.1";
const hasIPv6 = localInterfaces().some(({ address }) => address === "::1");

test("open and closed ports are told apart, with reason, round trip and service", async () => {
  const port = await serve(() => {});
  const results = await scanAll([host], [port, 1]);
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

test("one target and one port need no list: a text is not taken for its letters", async () => {
  const port = await serve(() => {});
  expect(await scanAll(host, `${port}`)).toMatchObject([{ host, port, state: "open" }]);
  expect(await scanAll(host, port)).toMatchObject([{ host, port }]);
});

test("an abort ends the wait for a name server that is silent", async () => {
  const controller = new AbortController();
  const { promise: silent } = Promise.withResolvers<never>();
  const lookup = (): typeof silent => {
    controller.abort();
    return silent;
  };
  const { signal } = controller;
  await expect(scanAll(["host.example"], [1], { lookup, signal })).rejects.toMatchObject({
    code: "ABORTED",
  });
});

test("several hosts and ranges: every port of each, once", async () => {
  const results = await scanAll(["127.0.0.0/30", "localhost"], ["1-3"], {
    lookup: async () => [{ address: host, family: 4 }],
  });
  expect(new Set(results.map(({ address, port }) => `${address}:${port}`)).size).toBe(12);
  expect(results).toHaveLength(12);
});

test("IPv6: a listener on ::1 is found", async ({ skip }) => {
  if (!hasIPv6) skip("this machine has no ::1");
  const port = await serve(() => {}, { host: "::1" });
  expect(await scanAll(["::1"], [port])).toMatchObject([{ host: "::1", state: "open" }]);
});

test("no answer is filtered: with a fixed time-out at once, asked again if wanted", async () => {
  const clock = new FakeClock();
  const silent = vi.spyOn(Socket.prototype, "connect").mockReturnThis();
  onTestFinished(() => silent.mockRestore());
  const scanning = scanAll([host], [7], { timeout: 200, retries: 1, clock });
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
  expect(await scanAll([host], [9])).toMatchObject([{ state, reason }]);
});

test.each(["EMFILE", "EADDRNOTAVAIL", "ENOBUFS"])(
  "%s slows the scan down, and the port is asked again",
  async (code) => {
    const port = await serve(() => {});
    const attempts = fail(3, code);
    expect(await scanAll([host], [port])).toMatchObject([{ state: "open" }]);
    expect(attempts).toHaveBeenCalledTimes(4);
  },
);

test("when for 10 s nothing at all could be asked, the scan rejects", async () => {
  const clock = new FakeClock();
  const attempts = fail(Number.POSITIVE_INFINITY, "EADDRNOTAVAIL");
  const scanning = expect(scanAll([host], [9, 10], { clock })).rejects.toMatchObject({
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
  expect(await scanAll([host], [port])).toMatchObject([
    { state: "closed", reason: "self-connect" },
  ]);
});

test("progress is told, at the end for sure", async () => {
  const port = await serve(() => {});
  const told: ScanProgress[] = [];
  await scanAll([host], [port, 1, 2], { onProgress: (progress) => told.push(progress) });
  expect(told.at(-1)).toMatchObject({ done: 3, total: 3, open: 1 });
});

test("a rate limits how many attempts begin", async () => {
  const clock = new FakeClock();
  const silent = vi.spyOn(Socket.prototype, "connect").mockReturnThis();
  onTestFinished(() => silent.mockRestore());
  const controller = new AbortController();
  const scanning = scanAll([host], ["1-1000"], { rate: 10, clock, signal: controller.signal });
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
  const scanning = scanAll([host], ["1-1000"], options);
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
  for await (const _ of scan([host], ["-"], { workers: 0 })) {
    for (let i = 0; i < 200; i++) await new Promise(setImmediate);
    break;
  }
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  expect(sockets()).toBe(before);
  expect(attempts.mock.calls.length).toBeLessThan(1024 + 2 * 256);
});

test("a scan that waited for its reader goes on when he reads", async () => {
  const attempts = vi.spyOn(Socket.prototype, "connect");
  onTestFinished(() => attempts.mockRestore());
  let count = 0;
  for await (const _ of scan([host], ["1-2000"])) {
    if (++count > 1) continue;
    for (let asked = -1; asked !== attempts.mock.calls.length; ) {
      asked = attempts.mock.calls.length;
      for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    }
  }
  expect(count).toBe(2_000);
});

test("leaving the loop ends the threads", async () => {
  const ended = vi.spyOn(Worker.prototype, "terminate");
  onTestFinished(() => ended.mockRestore());
  for await (const _ of scan([host], ["-"], { workers: 2 })) break;
  expect(ended).toHaveBeenCalledTimes(2);
  await Promise.all(ended.mock.results.map(({ value }) => value));
});

test("workers find the same", async () => {
  const port = await serve((socket) => socket.write("hello"));
  const results = await scanAll([host], [port, "1-200"], { workers: 2, banner: true });
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
    { workers: "many" as never },
    { maxHosts: 0 },
    { bannerTimeout: 0 },
    { timeout: "5" as never },
    { rate: "5" as never },
  ]) {
    await expect(scanAll([host], [1], options)).rejects.toThrow(ValidationError);
  }
  await expect(scanAll([host], [1], { signal: AbortSignal.abort() })).rejects.toMatchObject({
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
