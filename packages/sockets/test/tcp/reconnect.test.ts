import { once } from "node:events";
import type { Socket } from "node:net";
import { ValidationError } from "@net/core";
import { FakeClock, scriptedRng } from "@net/core/testing";
import { delimiter, TCPClient, type TCPClientOptions, type TCPClientState } from "@net/sockets";
import { expect, test } from "vitest";
import { serve } from "../support/serve.ts";

const framing = delimiter("\n");

/** A server whose connections a test ends one by one, and a client that comes back on a fake clock. */
async function peers(options: TCPClientOptions = {}) {
  const clock = new FakeClock();
  const accepted: Socket[] = [];
  const port = await serve((socket) => accepted.push(socket));
  const rng = { next: () => 1 };
  const client = new TCPClient("127.0.0.1", port, {
    framing,
    reconnect: true,
    clock,
    rng,
    ...options,
  });
  await client.connect();
  while (accepted.length < 1) await clock.advance(0);
  /** Moves on until the client is connected for the nth time. */
  const connected = async (count: number): Promise<Socket> => {
    while (accepted.length < count || client.state !== "open") await clock.advance(100);
    return accepted[count - 1] as Socket;
  };
  return { clock, accepted, client, connected };
}

test("it comes back after a loss, and receives on with the next connection's messages", async () => {
  const { accepted, client, connected } = await peers();
  await using _client = client;
  accepted[0]?.write("before\n");
  expect(String(await client.receive())).toBe("before");
  accepted[0]?.resetAndDestroy();
  const receiving = client.receive();
  (await connected(2)).write("after\n");
  expect(String(await receiving)).toBe("after");
});

test("it comes back also when the server ended politely, and waits before it does", async () => {
  const { clock, accepted, client, connected } = await peers();
  await using _client = client;
  const states: TCPClientState[] = [];
  client.on("state", (state) => states.push(state));
  const delays: number[] = [];
  client.on("retry", ({ delayMs }) => delays.push(delayMs));
  accepted[0]?.end();
  while (client.state !== "waiting") await clock.advance(0);
  await clock.advance(999);
  expect(client.state).toBe("waiting");
  await connected(2);
  expect(states).toEqual(["waiting", "connecting", "open"]);
  expect(delays).toEqual([1_000]);
});

test("a connection that dies young does not start the delays anew, one that lasted does", async () => {
  const { clock, accepted, client, connected } = await peers();
  await using _client = client;
  const delays: number[] = [];
  client.on("retry", ({ delayMs }) => delays.push(delayMs));
  accepted[0]?.resetAndDestroy();
  (await connected(2)).resetAndDestroy();
  const third = await connected(3);
  await clock.advance(10_000);
  third.resetAndDestroy();
  await connected(4);
  expect(delays).toEqual([1_000, 2_000, 1_000]);
});

test("half a message is dropped with its connection, whole ones are kept", async () => {
  const { accepted, client, connected } = await peers();
  await using _client = client;
  accepted[0]?.end("whole\nhal");
  (await connected(2)).write("fresh\n");
  expect(String(await client.receive())).toBe("whole");
  expect(String(await client.receive())).toBe("fresh");
});

test("a send waits for the next connection; what was sent before the loss is not sent again", async () => {
  const { clock, accepted, client, connected } = await peers();
  await using _client = client;
  await client.send("once");
  await once(accepted[0] as Socket, "data");
  accepted[0]?.resetAndDestroy();
  while (client.state !== "waiting") await clock.advance(0);
  const sending = client.send("later");
  const second = await connected(2);
  const [chunk] = (await once(second, "data")) as [Buffer];
  await sending;
  expect(String(chunk)).toBe("later\n");
});

test("sends that wait for a connection are bounded, can be aborted, and end with the client", async () => {
  const { clock, accepted, client } = await peers({ highWaterMark: 1_000 });
  accepted[0]?.resetAndDestroy();
  while (client.state !== "waiting") await clock.advance(0);
  const controller = new AbortController();
  const aborted = expect(client.send("x", { signal: controller.signal })).rejects.toMatchObject({
    code: "ABORTED",
  });
  controller.abort();
  await aborted;
  const waiting = client.send(Buffer.alloc(5_000));
  const closed = expect(waiting).rejects.toMatchObject({ code: "CLOSED" });
  await expect(client.send("one more")).rejects.toMatchObject({ code: "OVERLOADED" });
  await client.close();
  await closed;
  expect(await client.receive()).toBeUndefined();
  expect(client.state).toBe("closed");
  expect(clock.pending).toBe(0);
});

test("what has left waits no longer: it does not count against later sends", async () => {
  const { clock, accepted, client, connected } = await peers({ highWaterMark: 1_000 });
  await using _client = client;
  for (let count = 2; count < 5; count++) {
    accepted[count - 2]?.resetAndDestroy();
    while (client.state !== "waiting") await clock.advance(0);
    const sending = client.send(Buffer.alloc(3_000, "x"));
    (await connected(count)).resume();
    await sending;
  }
});

test("who polls comes back again too, when it has read", async () => {
  const { clock, accepted, client, connected } = await peers();
  await using _client = client;
  accepted[0]?.end("first\n");
  const second = await connected(2);
  second.end("second\n").resume();
  await once(second, "close");
  await clock.advance(60_000);
  expect(accepted).toHaveLength(2);
  expect(String(client.poll())).toBe("first");
  await connected(3);
  expect(String(client.poll())).toBe("second");
});

test("who does not read comes back once, and again when it has read", async () => {
  const { clock, accepted, client, connected } = await peers();
  await using _client = client;
  accepted[0]?.end("first\n");
  (await connected(2)).end("second\n");
  await clock.advance(60_000);
  expect(accepted).toHaveLength(2);
  expect(String(await client.receive())).toBe("first");
  await connected(3);
  expect(String(await client.receive())).toBe("second");
});

test("the first connection is tried again too, until the caller aborts", async () => {
  const clock = new FakeClock();
  await using client = new TCPClient("127.0.0.1", 1, { reconnect: true, clock });
  const attempts: number[] = [];
  const controller = new AbortController();
  client.on("retry", ({ attempt }) => {
    attempts.push(attempt);
    if (attempt === 3) controller.abort();
  });
  const connecting = client.connect({ signal: controller.signal });
  const aborted = expect(connecting).rejects.toMatchObject({ code: "ABORTED" });
  while (attempts.length < 3) await clock.advance(1_000);
  await aborted;
  expect(attempts).toEqual([1, 2, 3]);
  expect(client.state).toBe("idle");
});

test("when shouldRetry says no, everybody who waits learns the last error", async () => {
  const { accepted, client } = await peers({ reconnect: { shouldRetry: () => false } });
  await using _client = client;
  const receiving = expect(client.receive()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  accepted[0]?.resetAndDestroy();
  await receiving;
  await expect(client.send("x")).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  expect(client.state).toBe("closed");
});

test("a message over the limit ends it for good: coming back would only repeat it", async () => {
  const { accepted, client } = await peers({ framing: delimiter("\n", { maxBytes: 10 }) });
  await using _client = client;
  accepted[0]?.write("x".repeat(100));
  await expect(client.receive()).rejects.toMatchObject({ code: "FRAME_TOO_LARGE" });
});

test("the client's signal ends it while it waits to come back", async () => {
  const controller = new AbortController();
  const { clock, accepted, client } = await peers({ signal: controller.signal });
  accepted[0]?.resetAndDestroy();
  while (client.state !== "waiting") await clock.advance(0);
  const receiving = expect(client.receive()).rejects.toMatchObject({ code: "ABORTED" });
  controller.abort();
  await receiving;
  await client.close();
  expect(clock.pending).toBe(0);
});

test("what makes no sense together with reconnect is refused", async () => {
  const make = (options: TCPClientOptions) => () => new TCPClient("127.0.0.1", 9, options);
  expect(make({ reconnect: true, allowHalfOpen: true })).toThrow(ValidationError);
  expect(make({ reconnect: { min: 100, max: 10 } })).toThrow(ValidationError);
  const { client } = await peers({ rng: scriptedRng([0]) });
  await using _client = client;
  await expect(client.end()).rejects.toMatchObject({ code: "UNSUPPORTED" });
});
