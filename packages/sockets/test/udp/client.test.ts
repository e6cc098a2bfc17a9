import { createSocket } from "node:dgram";
import { ClosedError, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import {
  type Datagram,
  type HostAddress,
  localInterfaces,
  MAX_DATAGRAM_BYTES,
  UDPClient,
} from "@net/sockets";
import { expect, test, vi } from "vitest";

const text = (datagram: Datagram | undefined): string =>
  Buffer.from(datagram?.data ?? []).toString();

/** A peer that hands over what it gets. */
async function pair(): Promise<{ one: UDPClient; two: UDPClient } & AsyncDisposable> {
  const [one, two] = [await UDPClient.open(), await UDPClient.open()];
  const close = async (): Promise<void> => void (await Promise.all([one.close(), two.close()]));
  return { one, two, [Symbol.asyncDispose]: close };
}

test("it is bound to loopback and a free port, sends, receives, and says who sent", async () => {
  await using peers = await pair();
  const { one, two } = peers;
  expect(one.host).toBe("127.0.0.1");
  await one.send("hello", two.host, two.port);
  const datagram = await two.receive();
  expect(text(datagram)).toBe("hello");
  expect(datagram).toMatchObject({ host: "127.0.0.1", port: one.port });
});

test("datagrams are iterated until it is closed; empty ones are datagrams", async () => {
  await using peers = await pair();
  const { one, two } = peers;
  for (const message of ["a", "", "c"]) await one.send(message, two.host, two.port);
  const received: string[] = [];
  for await (const datagram of two) {
    received.push(text(datagram));
    if (received.length === 3) void two.close();
  }
  expect(received).toEqual(["a", "", "c"]);
});

test("when too many wait, the newest are dropped and counted", async () => {
  await using one = await UDPClient.open();
  for (const queue of [{ datagrams: 3 }, { bytes: 3 }]) {
    await using two = await UDPClient.open({ queue });
    for (let i = 0; i < 5; i++) await one.send(`${i}`, two.host, two.port);
    while (two.dropped < 2) await new Promise(setImmediate);
    const kept = [await two.receive(), await two.receive(), await two.receive()];
    expect(kept.map(text)).toEqual(["0", "1", "2"]);
    expect(two.dropped).toBe(2);
  }
});

test("what was read makes room for more", async () => {
  await using one = await UDPClient.open();
  await using two = await UDPClient.open({ queue: { datagrams: 2 } });
  for (let i = 0; i < 6; i++) {
    await one.send(`${i}`, two.host, two.port);
    expect(text(await two.receive())).toBe(`${i}`);
  }
  expect(two.dropped).toBe(0);
});

test("a request is answered by the address it was sent to, and nobody else", async () => {
  await using peers = await pair();
  const { one, two } = peers;
  await using stranger = await UDPClient.open();
  const request = one.request("question", two.host, two.port);
  const asked = await two.receive();
  await stranger.send("forged", one.host, one.port);
  expect(text(await one.receive())).toBe("forged");
  await two.send("answer", asked?.host ?? "", asked?.port ?? 0);
  expect(text(await request)).toBe("answer");
});

test("parallel requests get their own answers by isAnswer", async () => {
  await using peers = await pair();
  const { one, two } = peers;
  const ask = (id: string): Promise<Datagram> =>
    one.request(id, two.host, two.port, { isAnswer: (answer) => text(answer).startsWith(id) });
  const requests = [ask("1"), ask("2")];
  const asked = [text(await two.receive()), text(await two.receive())];
  for (const id of asked.toReversed()) await two.send(`${id} yes`, one.host, one.port);
  expect((await Promise.all(requests)).map(text)).toEqual(["1 yes", "2 yes"]);
});

test("a matcher that throws rejects its request", async () => {
  await using peers = await pair();
  const { one, two } = peers;
  const isAnswer = (): never => {
    throw new Error("broken matcher");
  };
  const request = expect(one.request("?", two.host, two.port, { isAnswer })).rejects.toThrow(
    "broken matcher",
  );
  await two.receive();
  await two.send("!", one.host, one.port);
  await request;
});

test("a request is sent again while no answer comes, then it is a NetworkTimeoutError", async () => {
  const clock = new FakeClock();
  await using one = await UDPClient.open({ clock });
  await using two = await UDPClient.open();
  const request = one.request("again", two.host, two.port, { retries: 2, timeout: 300 });
  const failed = expect(request).rejects.toMatchObject({ kind: "call", timeoutMs: 900 });
  for (let sent = 0; sent < 3; sent++) {
    expect(text(await two.receive())).toBe("again");
    await clock.advance(300);
  }
  await failed;
  expect(clock.pending).toBe(0);
});

test("an answer to the first sending counts also after the second", async () => {
  const clock = new FakeClock();
  await using one = await UDPClient.open({ clock });
  await using two = await UDPClient.open();
  const request = one.request("?", two.host, two.port, { timeout: 300 });
  await two.receive();
  await clock.advance(300);
  await two.receive();
  await two.send("late", one.host, one.port);
  expect(text(await request)).toBe("late");
  expect(clock.pending).toBe(0);
});

test("aborting ends a receive and a request, and loses nothing", async () => {
  await using peers = await pair();
  const { one, two } = peers;
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = expect.objectContaining({ code: "ABORTED" });
  const waits = [one.receive({ signal }), one.request("?", two.host, two.port, { signal })];
  const settled = Promise.allSettled(waits);
  await two.receive();
  controller.abort();
  for (const result of await settled) expect(result).toMatchObject({ reason: aborted });
  await two.send("kept", one.host, one.port);
  expect(text(await one.receive())).toBe("kept");
});

test("closing ends everything that waits; closing twice is once", async () => {
  await using peers = await pair();
  const { one, two } = peers;
  const receiving = one.receive();
  const request = expect(one.request("?", two.host, two.port)).rejects.toThrow(ClosedError);
  await two.receive();
  await Promise.all([one.close(), one.close()]);
  await request;
  expect(await receiving).toBeUndefined();
  await expect(one.send("x", two.host, two.port)).rejects.toThrow(ClosedError);
});

test("closing in the same moment as sending leaves nobody waiting", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const udp = await UDPClient.open();
    const { host, port } = udp;
    const ends = Promise.allSettled([udp.send("x", host, port), udp.request("x", host, port)]);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    await udp.close();
    const [, request] = await ends;
    expect(request).toMatchObject({ status: "rejected", reason: { code: "CLOSED" } });
  }
});

test("closing while the name server is asked is CLOSED", async () => {
  const found = Promise.withResolvers<readonly HostAddress[]>();
  const udp = await UDPClient.open({ lookup: () => found.promise });
  const sends = [udp.send("x", "host.example", 9), udp.request("x", "host.example", 9)];
  await udp.close();
  found.resolve([{ address: "127.0.0.1", family: 4 }]);
  for (const send of sends) await expect(send).rejects.toThrow(ClosedError);
});

test("a socket that is over keeps no listener on its signal, one that failed to open no handle", async () => {
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  await (await UDPClient.open({ signal })).close();
  expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
    added.mock.calls.map(([, listener]) => listener),
  );
  const handles = (): number =>
    process.getActiveResourcesInfo().filter((name) => name.startsWith("UDP")).length;
  await vi.waitFor(() => expect(handles()).toBe(0));
  const options = { multicast: { interface: "no-such-interface" } };
  await expect(UDPClient.open(options)).rejects.toThrow(ValidationError);
  await vi.waitFor(() => expect(handles()).toBe(0));
});

test("its signal ends it", async () => {
  const controller = new AbortController();
  const udp = await UDPClient.open({ signal: controller.signal });
  const receiving = expect(udp.receive()).rejects.toMatchObject({ code: "ABORTED" });
  controller.abort();
  await receiving;
  await udp.close();
  await expect(UDPClient.open({ signal: controller.signal })).rejects.toMatchObject({
    code: "ABORTED",
  });
});

test("what cannot be sent says why", async () => {
  await using udp = await UDPClient.open();
  const tooLarge = udp.send(Buffer.alloc(MAX_DATAGRAM_BYTES + 1), udp.host, udp.port);
  await expect(tooLarge).rejects.toMatchObject({ code: "FRAME_TOO_LARGE" });
  await udp.send(Buffer.alloc(MAX_DATAGRAM_BYTES), udp.host, udp.port);
  expect((await udp.receive())?.data.byteLength).toBe(MAX_DATAGRAM_BYTES);
  await expect(udp.send("x", udp.host, 0)).rejects.toThrow(ValidationError);
  await expect(udp.send("x", "::1", 9)).rejects.toThrow(/open the UDPClient with host "::"/);
  const lookup = async () => [{ address: "::1", family: 6 }] as const;
  await using named = await UDPClient.open({ lookup });
  await expect(named.send("x", "six.test", 9)).rejects.toThrow(/no IPv4 address/);
});

test("a port that is taken is ADDRESS_IN_USE; reuseAddress shares it", async () => {
  await using udp = await UDPClient.open({ reuseAddress: true });
  await expect(UDPClient.open({ port: udp.port })).rejects.toMatchObject({
    code: "ADDRESS_IN_USE",
    phase: "listen",
  });
  await using shared = await UDPClient.open({ port: udp.port, reuseAddress: true });
  expect(shared.port).toBe(udp.port);
});

test("options that make no sense are refused", async () => {
  for (const options of [
    { host: "localhost" },
    { port: -1 },
    { port: Number.NaN },
    { port: 65_536 },
    { queue: { bytes: 0 } },
    { multicast: { ttl: 256 } },
    { multicast: { interface: "no-such-interface" } },
  ]) {
    await expect(UDPClient.open(options)).rejects.toThrow(ValidationError);
  }
  await using udp = await UDPClient.open();
  expect(() => udp.joinMulticast("10.0.0.1")).toThrow(ValidationError);
  expect(() => udp.joinMulticast("239.1.2.3", "no-such-interface")).toThrow(/there are:/);
  await expect(udp.request("x", udp.host, udp.port, { retries: -1 })).rejects.toThrow(
    ValidationError,
  );
});

const hasIPv6 = localInterfaces().some(({ address }) => address === "::1");

test("IPv6: an IPv6 host makes an IPv6 socket", async ({ skip }) => {
  if (!hasIPv6) skip("this machine has no ::1");
  await using one = await UDPClient.open({ host: "::1" });
  await using two = await UDPClient.open({ host: "::1" });
  const request = one.request("?", "::1", two.port);
  const asked = await two.receive();
  expect(asked?.host).toBe("::1");
  await two.send("!", "::1", asked?.port ?? 0);
  expect(text(await request)).toBe("!");
  await expect(one.broadcast("x", 9)).rejects.toThrow(/ff02::1/);
});

test("an IPv6 socket reaches IPv4 hosts, and knows their answers", async ({ skip }) => {
  if (!hasIPv6) skip("this machine has no IPv6");
  await using two = await UDPClient.open();
  // This machine's IPv4 loopback, as IPv6 calls it.
  await using one = await UDPClient.open({ host: "::ffff:127.0.0.1" });
  const request = one.request("?", two.host, two.port);
  const asked = await two.receive();
  expect(asked).toMatchObject({ host: "127.0.0.1", port: one.port });
  await two.send("!", two.host, one.port);
  expect(text(await request)).toBe("!");
});

test("interfaces come with their broadcast addresses, loopback among them", () => {
  expect(localInterfaces()).toContainEqual(
    expect.objectContaining({
      address: "127.0.0.1",
      family: 4,
      internal: true,
      broadcast: "127.255.255.255",
    }),
  );
});

test("multicast on the loopback interface reaches who joined, and no more who left", async () => {
  const lo = localInterfaces().find(({ address }) => address === "127.0.0.1")?.name ?? "";
  const group = "239.255.77.1";
  await using listener = await UDPClient.open({ host: "0.0.0.0" });
  listener.joinMulticast(group, lo);
  await using sender = await UDPClient.open({
    host: "0.0.0.0",
    multicast: { interface: lo, ttl: 0 },
  });
  await sender.send("to all", group, listener.port);
  expect(text(await listener.receive())).toBe("to all");
  listener.leaveMulticast(group, "127.0.0.1");
  await sender.send("to nobody", group, listener.port);
  await sender.send("direct", "127.0.0.1", listener.port);
  expect(text(await listener.receive())).toBe("direct");
});

test("a broadcast on the loopback network is heard", async ({ skip }) => {
  if (process.platform !== "linux") skip("only Linux broadcasts on loopback");
  await using listener = await UDPClient.open({ host: "0.0.0.0" });
  await using sender = await UDPClient.open();
  const address = "127.255.255.255";
  await expect(sender.send("x", address, listener.port)).rejects.toThrow(/broadcast\(\)/);
  await sender.broadcast("everybody", listener.port, { address });
  expect(text(await listener.receive())).toBe("everybody");
});

test("a loopback socket says how to reach other machines", async ({ skip }) => {
  if (process.platform !== "linux") skip("other systems have other words");
  await using udp = await UDPClient.open();
  // TEST-NET-1 (RFC 5737): nobody is there, and nothing leaves: the system refuses the source.
  await expect(udp.send("x", "192.0.2.1", 9)).rejects.toMatchObject({ code: "UNREACHABLE" });
});

test("a datagram that comes after the close is nobody's", async () => {
  const plain = createSocket("udp4").bind(0, "127.0.0.1");
  await using udp = await UDPClient.open();
  plain.send("x", udp.port, udp.host);
  expect(text(await udp.receive())).toBe("x");
  await udp.close();
  await new Promise<void>((resolve) => plain.send("y", udp.port, udp.host, () => resolve()));
  plain.close();
  expect(await udp.receive()).toBeUndefined();
});
