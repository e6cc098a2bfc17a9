import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  ClosedError,
  type JsonValue,
  memoryTransport,
  NetworkError,
  ValidationError,
} from "@net/core";
import { acceptSessions, memorySessionStore, session } from "@net/ws/session";
import { type SqliteSessionStore, sqliteSessionStore } from "@net/ws/sqlite";
import { sessionStoreConformance } from "@net/ws/testing";
import { describe, expect, onTestFinished, test } from "vitest";

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "net-store-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "sessions.db");
}

function open(database: string | DatabaseSync): SqliteSessionStore {
  const store = sqliteSessionStore({ database });
  onTestFinished(() => store.close());
  return store;
}

describe("in a file", () => {
  const cases = sessionStoreConformance<DatabaseSync>({
    open: async () => open(await newFile()),
    reopen: async (store) => {
      const { database, close } = store as SqliteSessionStore;
      const path = String(database.location());
      await close.call(store);
      return open(path);
    },
  });
  for (const { name, run } of cases) test(name, run);
});

test("a commit is flushed to the disk: the log is written ahead, and synchronous is FULL", async () => {
  const { database } = open(await newFile());

  expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  expect(database.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 });
});

test("what may be forgotten in a power cut is not flushed; what is promised is, also in the same turn", async () => {
  const store = open(await newFile());
  const { database } = store;
  const levels: unknown[] = [];
  const exec = database.exec.bind(database);
  database.exec = (sql) => {
    exec(sql);
    if (sql.startsWith("BEGIN")) levels.push(database.prepare("PRAGMA synchronous").get());
  };
  await store.reset("s", "e");
  await store.append("s", [{ id: "a", body: "1", bytes: 1 }], 10);
  await store.offer("s", "e", 0, { messages: 1, bytes: 1 });
  await store.acknowledge("s", "e", 1);
  await Promise.all([store.acknowledge("s", "e", 1), store.load("s")]);
  const [full, normal] = [{ synchronous: 2 }, { synchronous: 1 }];
  expect(levels).toEqual([full, full, full, normal, full, normal]);
  expect(database.prepare("PRAGMA synchronous").get()).toEqual(full);
});

test("a message costs the sender one flush: it is taken and offered in the same, and forgotten without", async () => {
  const store = open(await newFile());
  const { database } = store;
  const network = memoryTransport();
  await using server = acceptSessions({
    store: memorySessionStore(),
    authenticate: ({ session: name }) => ({ session: name }),
  });
  await network.listen("memory:server", server.accept);
  await using laptop = session<JsonValue, DatabaseSync>({
    id: "laptop",
    store,
    redial: (signal) => network.dial("memory:server", { signal }),
  });
  await laptop.once("welcome");
  const inbox = server.get("laptop")?.inbox();
  const deliver = async (body: string): Promise<void> => {
    const published = laptop.publish(body);
    await (await inbox?.next())?.value?.ack();
    await published;
  };
  await deliver("the first, which meets a sender that looks what waits");
  const changes = (): number =>
    Number(database.prepare("SELECT total_changes() AS n").get()?.n ?? 0);
  let flushes = 0;
  let before = changes();
  const exec = database.exec.bind(database);
  database.exec = (sql) => {
    const isFull = database.prepare("PRAGMA synchronous").get()?.synchronous === 2;
    if (sql.startsWith("BEGIN")) before = changes();
    if (sql === "COMMIT" && isFull && changes() > before) flushes++;
    exec(sql);
  };
  await deliver("hello");

  expect(flushes).toBe(1);
  expect(await store.load("laptop")).toMatchObject({ acked: 2, head: 2 });
});

test("a new file is its owner's only", async () => {
  const path = await newFile();
  open(path);

  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("effects and cursor are one transaction: what effects wrote before they threw is undone", async () => {
  const own = new DatabaseSync(":memory:");
  own.exec("CREATE TABLE effects (n INTEGER)");
  const store = open(own);
  await store.reset("s", "e");
  const commit = (seq: number, fail: boolean): Promise<boolean> =>
    store.commit("s", { epoch: "e", seq, ids: [`m${seq}`] }, (tx) => {
      tx.prepare("INSERT INTO effects VALUES (?)").run(seq);
      if (fail) throw new RangeError("after the write");
    });

  await expect(commit(1, true)).rejects.toThrow(RangeError);
  expect(own.prepare("SELECT count(*) AS n FROM effects").get()).toEqual({ n: 0 });
  await commit(1, false);
  expect(own.prepare("SELECT n FROM effects").all()).toEqual([{ n: 1 }]);
});

test("effects that return a promise are refused, and undone", async () => {
  const store = open(":memory:");
  await store.reset("s", "e");
  const commit = store.commit("s", { epoch: "e", seq: 1, ids: ["x"] }, async () => {});

  await expect(commit).rejects.toThrow(ValidationError);
  expect((await store.load("s"))?.cursor).toBe(0);
});

test("inside a transaction of the database's owner nothing is mixed in: INVALID_STATE", async () => {
  const own = new DatabaseSync(":memory:");
  const store = open(own);
  own.exec("BEGIN");
  const asked = store.reset("s", "e");
  await expect(asked).rejects.toThrow(expect.objectContaining({ code: "INVALID_STATE" }));
  await expect(store.load("s")).rejects.toThrow(expect.objectContaining({ code: "INVALID_STATE" }));
  own.exec("COMMIT");

  expect(await store.load("s")).toBeUndefined();
});

test("closing finishes what was asked, closes only its own database, and twice is once", async () => {
  const path = await newFile();
  const store = open(path);
  const asked = store.append("s", [{ id: "a", body: "1", bytes: 1 }], 10);
  await store.close();
  await store.close();
  await asked;
  await expect(store.load("s")).rejects.toThrow(ClosedError);
  expect((await open(path).load("s"))?.head).toBe(1);

  const own = new DatabaseSync(":memory:");
  await open(own).close();
  expect(own.isOpen).toBe(true);
});

test("a file that is no database is INVALID_STATE", async () => {
  expect(() => sqliteSessionStore({ database: tmpdir() })).toThrow(NetworkError);
});
