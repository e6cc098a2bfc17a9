import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as client from "@net/client";
import { NetworkClient, type Received } from "@net/client";
import { createServer, messageTypes, type NetworkServer } from "@net/server";
import { expect, onTestFinished, test } from "vitest";
import { ServerProcess } from "./support/server-process.ts";

const PASSWORD = "correct horse battery";
const fast = { min: 20, max: 200 };
/** A server that is started again may take its time on a busy machine. */
const PATIENCE = 30_000;

async function databasePath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "net-messaging-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "net.db");
}

function start(): Promise<NetworkServer> {
  return createServer({ database: ":memory:", port: 0 });
}

async function login(baseUrl: string, username: string, device?: string): Promise<NetworkClient> {
  const user = new NetworkClient({ baseUrl, reconnect: fast, timeout: PATIENCE });
  onTestFinished(() => user.close());
  await user.login(username, PASSWORD, { device });
  return user;
}

/** Alice and Bob: signed up, logged in, friends, and Bob with an agent. */
async function friends(baseUrl: string) {
  const stranger = new NetworkClient({ baseUrl });
  await stranger.signup("alice", PASSWORD);
  const { id: bobId } = await stranger.signup("bob", PASSWORD);
  const alice = await login(baseUrl, "alice");
  const bob = await login(baseUrl, "bob");
  await alice.sendFriendRequest("bob");
  await bob.acceptFriendRequest("alice");
  await bob.registerAgents([{ name: "assistant", description: "Helps.", type: "assistant" }]);
  const say = (text: string, id?: string): Promise<client.Receipt> =>
    alice.sendTextMessage({ recipientId: bobId, recipientAgent: "assistant", text, id });
  return { alice, bob, bobId, say };
}

/** The texts of the next messages, each acknowledged. */
async function read(user: NetworkClient, count: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of user.messages()) {
    texts.push(message.text);
    await message.ack();
    if (texts.length === count) break;
  }
  return texts;
}

test("client and server know the same types of message", () => {
  expect(client.messageTypes).toEqual(messageTypes);
});

test("two people sign up, log in, become friends, and see each other's agents", async () => {
  await using server = await start();
  const stranger = new NetworkClient({ baseUrl: server.url });
  const user = await stranger.signup("alice", PASSWORD);
  await stranger.signup("bob", PASSWORD);
  const alice = await login(server.url, "alice");
  const bob = await login(server.url, "bob");
  expect(await alice.sendFriendRequest("bob")).toBe("requested");
  expect(await bob.getFriendRequests()).toEqual([user]);
  expect(await bob.acceptFriendRequest("alice")).toEqual(user);
  expect(await bob.getFriends()).toEqual([user]);
  const coder = { name: "coder", description: "Writes code.", type: "developer" };
  await alice.registerAgents([coder]);
  expect(await bob.getAgents(user.id)).toEqual([coder]);
});

test("a message reaches a friend who is listening", async () => {
  await using server = await start();
  const { bob, say } = await friends(server.url);
  const messages = bob.messages()[Symbol.asyncIterator]();
  const next = messages.next();
  const { id, sentAtMs } = await say("hello");
  const { value } = (await next) as IteratorYieldResult<Received>;
  expect(value).toMatchObject({
    seq: 1,
    id,
    sentAtMs,
    from: { username: "alice" },
    to: { agent: "assistant" },
    type: "INFORMATION",
    text: "hello",
  });
  await messages.return(undefined);
});

test("a message waits for a friend who is offline, and comes once", async () => {
  await using server = await start();
  const { bob, say } = await friends(server.url);
  await bob.logout();
  await say("while you were out");
  await say("again");
  const back = await login(server.url, "bob");
  expect(await read(back, 2)).toEqual(["while you were out", "again"]);
  await back.logout();
  await say("news");
  expect(await read(await login(server.url, "bob"), 1)).toEqual(["news"]);
});

test(
  "a killed server loses no message and delivers none twice",
  async () => {
    const database = await databasePath();
    const first = await ServerProcess.start(database);
    onTestFinished(() => first.kill());
    const { bob, say } = await friends(first.url);
    const texts = Array.from({ length: 60 }, (_, index) => `message ${index + 1}`);
    const reading = read(bob, texts.length);
    let server = first;
    const killAndRestart = async (): Promise<void> => {
      await server.kill();
      server = await ServerProcess.start(database, first.port);
      onTestFinished(() => server.kill());
    };
    let restart = Promise.resolve();
    for (const [index, text] of texts.entries()) {
      if (index === 20 || index === 40) restart = restart.then(killAndRestart);
      await say(text);
    }
    await restart;
    expect(await reading).toEqual(texts);
    await say("the last");
    expect(await read(bob, 1)).toEqual(["the last"]);
  },
  2 * PATIENCE,
);

test("a server that restarts politely is found again", async () => {
  const database = await databasePath();
  const first = await createServer({ database, port: 0 });
  const { bob, say } = await friends(first.url);
  const reading = read(bob, 2);
  await say("before");
  await first.close();
  await using _second = await createServer({ database, port: Number(new URL(first.url).port) });
  await say("after");
  expect(await reading).toEqual(["before", "after"]);
});

test("what was not acknowledged comes again", async () => {
  await using server = await start();
  const { bob, say } = await friends(server.url);
  await say("one");
  await say("two");
  for await (const { text } of bob.messages()) if (text === "two") break;
  expect(await read(bob, 1)).toEqual(["two"]);
});

test("one message sent twice under one id comes once, another under it is a CONFLICT", async () => {
  await using server = await start();
  const { bob, say } = await friends(server.url);
  const receipt = await say("hello", "m1");
  expect(await say("hello", "m1")).toEqual(receipt);
  await expect(say("goodbye", "m1")).rejects.toMatchObject({ code: "CONFLICT" });
  await say("last");
  expect(await read(bob, 2)).toEqual(["hello", "last"]);
});

test("two devices both read everything", async () => {
  await using server = await start();
  const { bob, say } = await friends(server.url);
  const phone = await login(server.url, "bob", "phone");
  await say("hello");
  expect(await read(phone, 1)).toEqual(["hello"]);
  expect(await read(bob, 1)).toEqual(["hello"]);
});

test("of two logins on one device the newer reads, and the older is told why it does not", async () => {
  await using server = await start();
  const { bob, say } = await friends(server.url);
  await say("hello");
  const older = bob.messages({ acknowledge: "manual" });
  expect((await older.next()).value).toMatchObject({ text: "hello" });
  const newer = (await login(server.url, "bob")).messages();
  expect((await newer.next()).value).toMatchObject({ text: "hello" });
  await expect(older.next()).rejects.toMatchObject({
    name: "ClosedError",
    message: expect.stringContaining("log in with another device name"),
  });
  await newer.return();
});

test("a wrong password, a stranger and too long a text are refused with the error that says so", async () => {
  await using server = await start();
  const { alice, say } = await friends(server.url);
  const other = new NetworkClient({ baseUrl: server.url });
  await expect(other.login("alice", "not her password")).rejects.toMatchObject({
    name: "AuthenticationError",
    message: "wrong username or password",
  });
  const { id: carolId } = await other.signup("carol", PASSWORD);
  for (const recipientId of [carolId, "nobody"]) {
    const message = { recipientId, recipientAgent: "assistant", text: "hello" };
    await expect(alice.sendTextMessage(message)).rejects.toMatchObject({ code: "NOT_FOUND" });
  }
  await expect(say("x".repeat(70_000))).rejects.toMatchObject({ code: "FRAME_TOO_LARGE" });
  await expect(say("x".repeat(700_000))).rejects.toMatchObject({ code: "FRAME_TOO_LARGE" });
});

test("logging out ends the messages, and the token is worth nothing", async () => {
  await using server = await start();
  const { bob, say } = await friends(server.url);
  const reading = (async () => {
    for await (const message of bob.messages()) {
      await message.ack();
      await bob.logout();
    }
    return "ended";
  })();
  await say("goodbye");
  expect(await reading).toBe("ended");
  await expect(bob.getFriends()).rejects.toMatchObject({ name: "AuthenticationError" });
});
