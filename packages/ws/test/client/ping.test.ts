import { FakeClock } from "@net/core/testing";
import { type PingOptions, WebSocketClient } from "@net/ws";
import { expect, test } from "vitest";
import type { WebSocket } from "ws";
import { next } from "../support/events.ts";
import { TestServer } from "../support/test-server.ts";

async function open(server: TestServer, ping: PingOptions) {
  const clock = new FakeClock();
  const client = new WebSocketClient(server.url, { ping, timeout: { idle: 25_000 }, clock });
  await client.connect();
  const { socket } = await server.next();
  return { clock, client, socket };
}

function heard(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => void socket.once("message", (data) => resolve(String(data))));
}

test("the server is asked in a message, and its answers are signs of life that nobody reads", async () => {
  await using server = await TestServer.start();
  const { clock, client, socket } = await open(server, { interval: 10_000 });
  let pings = 0;
  socket.on("ping", () => pings++);
  for (let i = 0; i < 10; i++) {
    const asked = heard(socket);
    await clock.advance(10_000);
    expect(await asked).toBe("ping");
    socket.send("pong");
    socket.send(`${i}`);
    expect(await client.receive()).toBe(`${i}`);
  }
  expect([client.state, pings]).toEqual(["open", 0]);
  await client.close();
});

test("question and answer can be the application's own", async () => {
  await using server = await TestServer.start();
  const { clock, client, socket } = await open(server, {
    interval: 10_000,
    message: new Uint8Array([9]),
    isPong: (message) => typeof message !== "string" && message[0] === 10,
  });
  const asked = heard(socket);
  await clock.advance(10_000);
  expect(await asked).toBe("\t");
  for (const bytes of [[10], [11]]) socket.send(Buffer.from(bytes));
  expect(await client.receive()).toEqual(Buffer.from([11]));
  await client.close();
});

test("a server that answers nothing is given up", async () => {
  await using server = await TestServer.start();
  const { clock, client } = await open(server, { interval: 10_000 });
  const retried = next(client, "retry");
  await clock.advance(25_000);
  expect((await retried)[0].error).toMatchObject({ code: "TIMEOUT", kind: "idle" });
  await client.close();
});

test("an interval that is none, or an idle time-out below it, is a ValidationError", () => {
  for (const options of [
    { ping: { interval: 0 } },
    { ping: { interval: 50_000 } },
    { ping: { interval: 10 }, timeout: { idle: 10 } },
  ]) {
    expect(() => new WebSocketClient("ws://a/", options)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  }
});
