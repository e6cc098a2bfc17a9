import { once } from "node:events";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { TestServer } from "../support/test-server.ts";

const PING_PERIOD = 30_000;

test("only /ws takes WebSockets", async () => {
  await using server = await TestServer.start();
  const socket = new WebSocket(server.server.wsUrl.replace("/ws", "/friends"));
  const [error] = await once(socket, "error");
  expect(error.message).toBe("Unexpected server response: 404");
});

test("connections from one address are limited", async () => {
  await using server = await TestServer.start({ limits: { address: { burst: 1, perMinute: 1 } } });
  using _first = await server.socket();
  const second = new WebSocket(server.server.wsUrl);
  const [error] = await once(second, "error");
  expect(error.message).toBe("Unexpected server response: 429");
});

test("a connection that answers no ping is cut, one that does stays", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start({ clock });
  const { bob } = await server.friends();
  const hello = JSON.stringify({ kind: "hello", token: bob.token });
  const dead = new WebSocket(server.server.wsUrl, { autoPong: false });
  dead.once("open", () => dead.send(hello));
  await once(dead, "message");
  const tablet = await server.login("bob", "tablet");
  const alive = new WebSocket(server.server.wsUrl);
  alive.once("open", () => alive.send(hello.replace(bob.token, tablet.token)));
  await once(alive, "message");

  const pinged = Promise.all([once(dead, "ping"), once(alive, "ping")]);
  await clock.advance(PING_PERIOD);
  await pinged;
  // Frames of one connection are handled in order: once this is answered, the server has had the pong.
  alive.ping();
  await once(alive, "pong");
  const cut = once(dead, "close");
  await clock.advance(PING_PERIOD);
  const [code] = await cut;
  expect(code).toBe(1006);
  expect(alive.readyState).toBe(WebSocket.OPEN);
  alive.terminate();
});

test("a peer that never answers the close does not keep the server from closing", async () => {
  const clock = new FakeClock();
  const server = await TestServer.start({ clock });
  const socket = new WebSocket(server.server.wsUrl);
  await once(socket, "open");
  socket.pause();
  const closed = server.server.close();
  await clock.advance(5_000);
  await closed;
  socket.terminate();
});
