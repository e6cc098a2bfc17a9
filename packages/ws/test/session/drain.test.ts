import { once } from "node:events";
import { AbortedError, ClosedError, type MemoryTransport, seededRng } from "@net/core";
import { acceptSessions, type DrainProgress } from "@net/ws/session";
import { webSocketTransport } from "@net/ws/transport";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { first, memory, take, type World, world } from "./support/pair.ts";

const SESSIONS = 100;

/** Sessions at one server, which go to `memory:next` once it is there and the first takes them no more. */
async function crowd(
  sessions = SESSIONS,
): Promise<World & { clients: ReturnType<World["client"]>[] }> {
  const home = await world();
  const clients = Array.from({ length: sessions }, (_, i) => {
    const host = `host${i}`;
    return home.client({ id: host, reconnect: { min: 10, max: 100 } }, host);
  });
  await home.clock.advance(0);
  return { ...home, clients };
}

/** Another server, with the same store as nobody: its sessions begin anew. */
async function next(network: MemoryTransport, home: World): Promise<() => number> {
  const server = acceptSessions({
    store: memory(),
    authenticate: ({ session }) => ({ session }),
    clock: home.clock,
    rng: seededRng(3),
  });
  await network.listen("memory:next", server.accept);
  return () => server.size;
}

test("sessions are sent away evenly over the window, and drain resolves when all have left", async () => {
  const { server, clock, clients } = await crowd();
  const progress: DrainProgress[] = [];
  const codes: unknown[] = [];
  for (const each of clients) each.on("retry", ({ error }) => codes.push(error));
  const drained = server.drain({ window: 10_000, onProgress: (each) => progress.push(each) });
  for (const [afterMs, left] of [
    [2_500, 75],
    [2_500, 50],
    [2_500, 25],
  ] as const) {
    await clock.advance(afterMs);
    expect(Math.abs(server.size - left)).toBeLessThanOrEqual(1);
  }
  await clock.advance(2_600);
  await drained;

  expect(server.size).toBe(0);
  expect(progress.at(-1)).toEqual({ total: SESSIONS, left: 0 });
  expect(progress).toHaveLength(SESSIONS);
  expect(codes[0]).toMatchObject({
    code: "CONNECTION_LOST",
    details: { reason: "going-away", retryAfterMs: 0 },
  });
});

test("whoever finds the draining server again is told to come after the window, and does", async () => {
  const { server, clock, clients } = await crowd();
  const laptop = first(clients);
  const delays: number[] = [];
  laptop.on("retry", ({ delayMs }) => delays.push(delayMs));
  void server.drain({ window: 10_000 });
  await clock.advance(10_000);

  expect(delays[0]).toBe(0);
  // Longer than any delay of its own.
  expect(delays[1]).toBeGreaterThan(100);
  expect(delays[1]).toBeLessThanOrEqual(20_000);
  const attempts = delays.length;
  expect(attempts).toBeLessThanOrEqual(3);
});

test("those sent away go on at another server at once, a few at a time", async () => {
  const home = await world();
  const { network, clock, server } = home;
  const size = await next(network, home);
  let isDraining = false;
  for (let i = 0; i < SESSIONS; i++) {
    const redial = (signal: AbortSignal) =>
      network.at(`host${i}`).dial(isDraining ? "memory:next" : "memory:server", { signal });
    home.client({ id: `host${i}`, redial }, `host${i}`);
  }
  await clock.advance(0);
  isDraining = true;
  const drained = server.drain({ window: 1_000 });
  await clock.advance(500);
  expect(Math.abs(size() - SESSIONS / 2)).toBeLessThanOrEqual(3);
  await clock.advance(600);
  await drained;
  expect(size()).toBe(SESSIONS);
});

test("a session that takes no goodbye is terminated, and drain does not hang", async () => {
  const { server, clock, network } = await crowd(5);
  network.faults.freeze("host0");
  const drained = server.drain({ window: 100 });
  await clock.advance(6_000);
  await drained;
  expect(server.size).toBe(0);
});

test("aborting a drain sends nobody away any more, and takes no links all the same", async () => {
  const { server, clock, client } = await crowd();
  const controller = new AbortController();
  const drained = server.drain({ window: 10_000, signal: controller.signal });
  const aborted = expect(drained).rejects.toThrow(AbortedError);
  await clock.advance(5_000);
  controller.abort();
  await aborted;
  const { size } = server;
  await clock.advance(20_000);
  expect(server.size).toBe(size);
  const late = client({ id: "late" }, "late");
  await clock.advance(0);
  expect(late.state).toBe("waiting");
});

test("while it drains, messages for its store are taken; after close nothing is, drain neither", async () => {
  const { server, clock, clients } = await crowd();
  void server.drain({ window: 1_000 });
  await server.enqueue("host0", "still taken");
  expect(await take(first(clients), 1)).toEqual(["still taken"]);
  await clock.advance(2_000);
  await server.close();
  await expect(server.drain()).rejects.toThrow(ClosedError);
});

test("a visitor who is still being asked who he is, is sent away too", async () => {
  const asked = Promise.withResolvers<{ session: string }>();
  const { server, clock, client } = await world({ authenticate: () => asked.promise });
  const laptop = client();
  await clock.advance(0);
  await server.drain();
  asked.resolve({ session: "laptop" });
  await clock.advance(0);
  expect(laptop.state).toBe("waiting");
  expect(server.size).toBe(0);
});

test("closing ends a drain at once", async () => {
  const { server, clock } = await crowd(10);
  const drained = server.drain({ window: 1_000_000 });
  await clock.advance(1_000);
  await server.close();
  await clock.advance(100);
  await drained;
});

test("an empty server is drained at once, however long the window", async () => {
  const { server } = await world();
  await server.drain({ window: 1_000_000 });
});

test("over WebSockets the close code is 1012, and its reason says when to come back", async () => {
  const transport = webSocketTransport();
  await using server = acceptSessions({
    store: memory(),
    authenticate: ({ session }) => ({ session }),
  });
  await using listener = await transport.listen("ws://127.0.0.1:0", server.accept);
  const socket = new WebSocket(listener.address);
  await new Promise((resolve) => socket.once("open", resolve));
  const hello = {
    kind: "hello",
    version: 2,
    session: "plain",
    acked: 0,
    head: 0,
    cursor: 0,
    received: 0,
    windowMessages: 1,
    windowBytes: 1,
    maxMessageBytes: 1,
    pingMs: 1_000,
  };
  socket.send(Buffer.from(JSON.stringify([hello])));
  await new Promise((resolve) => socket.once("message", resolve));
  const bye = once(socket, "message");
  const closed = new Promise((resolve) => {
    socket.once("close", (code, reason) => resolve([code, reason.toString()]));
  });
  await server.drain({ window: 0, retryAfter: 1_499.5 });

  expect(JSON.parse(String((await bye)[0]))).toMatchObject([
    { kind: "bye", code: "going-away", retryAfterMs: 1_500 },
  ]);
  expect(await closed).toEqual([1012, "retryAfterMs=1500 this end is drained"]);
});
