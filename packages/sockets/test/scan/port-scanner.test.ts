import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { AbortedError, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { PortScanner } from "@net/sockets";
import { expect, test, vi } from "vitest";

test("a port where somebody listens is open, one where nobody does is not", async () => {
  const server = createServer((socket) => socket.on("error", () => {}));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(await PortScanner.isPortOpen("127.0.0.1", port)).toBe(true);
  server.close();
  // Port 1 (tcpmux): nobody has listened there for decades, and no test is given it.
  expect(await PortScanner.isPortOpen("127.0.0.1", 1)).toBe(false);
});

test("an attempt that meets itself is not an open port", async () => {
  // Left to chance it happens once in some ten thousand attempts; choosing the source port makes it certain.
  const { promise, resolve } = Promise.withResolvers<number>();
  const probe = createServer().listen(0, "127.0.0.1", () =>
    resolve((probe.address() as AddressInfo).port),
  );
  const port = await promise;
  probe.close();
  await once(probe, "close");

  const net = await import("node:net");
  const connect = vi.spyOn(net.Socket.prototype, "connect");
  connect.mockImplementationOnce(function (this: InstanceType<typeof net.Socket>) {
    return this.connect({ host: "127.0.0.1", port, localAddress: "127.0.0.1", localPort: port });
  });
  expect(await PortScanner.isPortOpen("127.0.0.1", port)).toBe(false);
  expect(connect).toHaveBeenCalledTimes(2);
  connect.mockRestore();
});

test("no answer in time is not open", async () => {
  const clock = new FakeClock();
  const net = await import("node:net");
  const silent = vi.spyOn(net.Socket.prototype, "connect");
  silent.mockImplementationOnce(function (this: InstanceType<typeof net.Socket>) {
    return this;
  });
  const checking = PortScanner.isPortOpen("127.0.0.1", 9, { timeout: 500, clock });
  silent.mockRestore();
  await clock.advance(500);
  expect(await checking).toBe(false);
});

test.each(["EMFILE", "EADDRNOTAVAIL", "ENOBUFS"])(
  "%s is this machine's trouble, and never a closed port",
  async (code) => {
    const net = await import("node:net");
    const failing = vi.spyOn(net.Socket.prototype, "connect");
    failing.mockImplementationOnce(function (this: InstanceType<typeof net.Socket>) {
      return this.destroy(Object.assign(new Error(`connect ${code}`), { code }));
    });
    const checking = PortScanner.isPortOpen("127.0.0.1", 9);
    failing.mockRestore();
    await expect(checking).rejects.toMatchObject({ name: "ConnectionError", cause: { code } });
  },
);

test("a name that does not resolve rejects", async () => {
  await expect(PortScanner.isPortOpen("no-such-host.invalid", 80)).rejects.toThrow(
    expect.objectContaining({ name: "ConnectionError", phase: "resolve" }),
  );
});

test("an aborted check and a port out of range reject", async () => {
  const signal = AbortSignal.abort();
  await expect(PortScanner.isPortOpen("127.0.0.1", 9, { signal })).rejects.toThrow(AbortedError);
  await expect(PortScanner.isPortOpen("127.0.0.1", 0)).rejects.toThrow(ValidationError);
});
