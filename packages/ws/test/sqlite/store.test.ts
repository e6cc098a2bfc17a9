import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ClosedError, NetworkError, ValidationError } from "@net/core";
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
