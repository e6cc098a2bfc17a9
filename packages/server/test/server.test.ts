import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { closeCodes, createServer } from "@net/server";
import { expect, onTestFinished, test } from "vitest";
import { draft, TestServer } from "./support/test-server.ts";

async function databasePath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "net-server-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "net.db");
}

test("a server listens on loopback only, and says where", async () => {
  await using server = await createServer({ database: ":memory:", port: 0 });
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(server.wsUrl).toBe(`${server.url.replace("http", "ws")}/ws`);
});

test("an IPv6 host has its brackets", async () => {
  await using server = await createServer({ database: ":memory:", port: 0, host: "::1" });
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

test("a busy port is ADDRESS_IN_USE, and the database is let go of", async () => {
  const database = await databasePath();
  await using first = await createServer({ database: ":memory:", port: 0 });
  const port = Number(new URL(first.url).port);
  await expect(createServer({ database, port })).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
  await using _second = await createServer({ database, port: 0 });
});

test("what was stored is there after a restart", async () => {
  const database = await databasePath();
  {
    await using server = await TestServer.start({ database });
    const { alice, bob } = await server.friends();
    await alice.call("POST", `/message/${bob.id}`, draft("m1", "hello"));
  }
  await using server = await TestServer.start({ database });
  const bob = await server.login("bob");
  using socket = await bob.connect();
  expect(await socket.messages(1)).toEqual([[1, "hello"]]);
});

test("two servers cannot have one database", async () => {
  const database = await databasePath();
  await using _first = await createServer({ database, port: 0 });
  await expect(createServer({ database, port: 0 })).rejects.toMatchObject({
    code: "INVALID_STATE",
    message: `cannot open the database ${database}: another server has it open`,
  });
});

test("a new database can be read by its owner only", async () => {
  const database = await databasePath();
  await using _server = await createServer({ database, port: 0 });
  for (const path of [database, `${database}-wal`]) {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  }
});

test("a file that is no database, another program's, or a newer build's is refused", async () => {
  const [text, foreign, newer] = await Promise.all([
    databasePath(),
    databasePath(),
    databasePath(),
  ]);
  await writeFile(text, "Dear diary, this is not a database at all, as anyone can see.");
  using other = new DatabaseSync(foreign);
  other.exec("CREATE TABLE notes (text)");
  other.close();
  await (await createServer({ database: newer, port: 0 })).close();
  using later = new DatabaseSync(newer);
  later.exec("PRAGMA user_version = 99");
  later.close();
  const open = (database: string): Promise<unknown> => createServer({ database, port: 0 });
  await expect(open(text)).rejects.toThrow(/is no SQLite database/);
  await expect(open(foreign)).rejects.toThrow(/belongs to another program/);
  await expect(open(newer)).rejects.toThrow(/use a newer build/);
});

test("closing tells those who are connected to come back, ends everything, and is once", async () => {
  const server = await TestServer.start();
  const { bob } = await server.friends();
  const socket = await bob.connect();
  const stranger = await server.socket();
  await socket.next();
  await Promise.all([server.server.close(), server.server.close()]);
  expect((await socket.closed).code).toBe(closeCodes.restart);
  expect((await stranger.closed).code).toBe(closeCodes.restart);
  await expect(fetch(`${server.server.url}/health`)).rejects.toThrow("fetch failed");
});

test("the test users are friends as the specification says, and can log in", async () => {
  await using server = await TestServer.start({ testUsers: true });
  const friends: Record<string, string[]> = {};
  for (const username of ["alice", "bob", "charlie"]) {
    const user = await server.login(username, undefined, "password123");
    const { body } = await user.call("GET", "/friends");
    friends[username] = body.friends.map((friend: { username: string }) => friend.username);
  }
  expect(friends).toEqual({ alice: ["bob"], bob: ["alice", "charlie"], charlie: ["bob"] });
});

test("test users are added once, and never served to other machines", async () => {
  const database = await databasePath();
  await expect(
    createServer({ database, port: 0, host: "0.0.0.0", testUsers: true }),
  ).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  for (let start = 0; start < 2; start++) {
    await using server = await TestServer.start({ database, testUsers: true });
    await server.login("alice", undefined, "password123");
  }
  await expect(createServer({ database, port: 0, host: "0.0.0.0" })).rejects.toMatchObject({
    code: "INVALID_STATE",
    message: expect.stringContaining("test users"),
  });
});

test("without that option nobody can log in with the published password", async () => {
  await using server = await TestServer.start();
  const credentials = { username: "alice", password: "password123" };
  expect((await server.call("POST", "/login", credentials)).status).toBe(401);
});

test.each([
  [{ port: 70_000 }, /^port must be/],
  [{ database: "" }, /^database must be/],
  [{ minPasswordLength: 4 }, /^minPasswordLength must be 8 to 128, not 4/],
  [{ limits: { login: { burst: 0, perMinute: 1 } } }, /^the rate of logins/],
])("an option out of range says what would be right: %j", async (options, message) => {
  await expect(TestServer.start(options)).rejects.toMatchObject({
    name: "ValidationError",
    message: expect.stringMatching(message),
  });
});
