import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { TcpProxy } from "@net/core/testing";
import { expect, test } from "vitest";

/** A client and a server with a proxy between them; neither ends its half because the other does. */
async function setUp() {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer({ allowHalfOpen: true }, accepted.resolve).listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await TcpProxy.start((server.address() as AddressInfo).port);
  const near = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
  const far = await accepted.promise;
  near.on("error", () => {});
  far.on("error", () => {});
  return {
    proxy,
    near,
    far,
    [Symbol.asyncDispose]: async () => {
      near.destroy();
      far.destroy();
      server.close();
      await proxy.close();
    },
  };
}

/** Resolves when the socket is over, for whatever reason. */
function over(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once("close", () => resolve()));
}

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await nextTurn();
}

test("forwards both ways, to the last byte, and an end of one half only", async () => {
  await using way = await setUp();
  const bytes = Buffer.alloc(4_000_000, 7);
  way.near.end(bytes);
  expect((await buffer(way.far)).equals(bytes)).toBe(true);
  way.far.end("answer");

  expect((await buffer(way.near)).toString()).toBe("answer");
});

test("frozen, forwards nothing, not even an end; thawed, all of it in order", async () => {
  await using way = await setUp();
  const seen: string[] = [];
  way.far.on("data", (chunk) => seen.push(chunk.toString()));
  way.far.on("end", () => seen.push("end"));
  way.near.write("before");
  await once(way.far, "data");
  way.proxy.freeze();
  way.near.end("during");
  await turns();
  expect(seen).toEqual(["before"]);

  way.proxy.thaw();
  await once(way.far, "end");
  expect(seen.join(" ")).toBe("before during end");
});

test("frozen, does not tell one side that the other is gone", async () => {
  await using way = await setUp();
  const told: string[] = [];
  for (const news of ["end", "close", "error"]) way.far.on(news, () => told.push(news));
  way.far.resume();
  way.near.write("x");
  await once(way.far, "data");
  way.proxy.freeze();
  way.near.destroy();
  await turns();

  expect(told).toEqual([]);
  way.proxy.thaw();
  await once(way.far, "end");
});

test("cut, resets both sides, and is there for the next", async () => {
  await using way = await setUp();
  way.near.write("x");
  await once(way.far, "data");
  const resets = Promise.all([over(way.near), over(way.far)]);
  way.near.resume();
  way.far.resume();
  way.proxy.cut();
  await resets;

  const next = connect(way.proxy.port, "127.0.0.1");
  await once(next, "connect");
  next.destroy();
});

test("closed twice is closed once, with every connection", async () => {
  await using way = await setUp();
  const bothOver = Promise.all([over(way.near.resume()), over(way.far.resume())]);
  await Promise.all([way.proxy.close(), way.proxy.close()]);
  await bothOver;

  const [error] = (await once(connect(way.proxy.port, "127.0.0.1"), "error")) as [Error];
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
});

test("delayed, forwards late and in order, an end after what was before it", async () => {
  await using way = await setUp();
  way.proxy.delay(20);
  way.near.write("late ");
  await turns();
  way.proxy.delay(0);
  way.near.end("in order");

  expect((await buffer(way.far)).toString()).toBe("late in order");
});

test("truncating, forwards half of the next chunk and cuts the line", async () => {
  await using way = await setUp();
  way.far.write("whole");
  await once(way.near, "data");
  const seen: string[] = [];
  way.near.on("data", (chunk) => seen.push(chunk.toString()));
  const ended = over(way.near);
  way.proxy.truncate();
  way.far.write("truncated!");
  await ended;

  expect(seen.join("")).toBe("trunc");
});
