import { ClosedError } from "@net/core";
import { expect, test } from "vitest";
import { Database } from "../../src/store/sqlite/database.ts";
import { MAX_OPEN_REQUESTS, MAX_UNREAD } from "../../src/store/store.ts";
import { expiresAtMs, messageFrom, sessionOf, storeWith } from "../support/stored-users.ts";

test("each recipient's messages are numbered without a gap, whoever sends and whatever is refused", async () => {
  await using store = await storeWith("alice", "bob", "carol");
  await store.messages.add(messageFrom("alice", "bob", "1"));
  await store.messages.add(messageFrom("alice", "carol", "2"));
  await store.messages.add(messageFrom("alice", "bob", "1"));
  await store.messages.add({ ...messageFrom("alice", "bob", "1"), text: "other" });
  await store.messages.add(messageFrom("carol", "bob", "1"));
  const rows = await store.messages.after("bob", 0, 10);
  expect(rows.map(({ seq, message }) => [seq, message.from.username])).toEqual([
    [1, "alice"],
    [2, "carol"],
  ]);
});

test.each([
  ["text", { text: "other" }],
  ["type", { type: "QUERY" as const }],
  ["recipient's agent", { recipientAgent: "other" }],
  ["sender's agent", { senderAgent: "other" }],
  ["recipient", { recipientId: "carol" }],
])("the same id with another %s is a conflict", async (_what, change) => {
  await using store = await storeWith("alice", "bob", "carol");
  await store.messages.add(messageFrom("alice", "bob", "1"));
  const again = await store.messages.add({ ...messageFrom("alice", "bob", "1"), ...change });
  expect(again).toEqual({ kind: "conflict" });
});

test("a repeated message keeps the time of the first", async () => {
  await using store = await storeWith("alice", "bob");
  await store.messages.add(messageFrom("alice", "bob", "1"));
  const again = await store.messages.add({ ...messageFrom("alice", "bob", "1"), sentAtMs: 99 });
  expect(again).toEqual({ kind: "repeated", sentAtMs: 1 });
});

test("any text comes out as it went in", async () => {
  await using store = await storeWith("alice", "bob");
  const text = "null \0 byte, 😀, \u2028, 'quote', \\";
  await store.messages.add({ ...messageFrom("alice", "bob", "1"), text });
  const [row] = await store.messages.after("bob", 0, 1);
  expect(row?.message.text).toBe(text);
});

test("a cursor goes forward only, and not past the last message", async () => {
  await using store = await storeWith("alice", "bob");
  const { device } = await sessionOf(store, "bob");
  for (const id of ["1", "2", "3"]) await store.messages.add(messageFrom("alice", "bob", id));
  expect(await store.messages.acknowledge(device.id, 2)).toBe(2);
  expect(await store.messages.acknowledge(device.id, 1)).toBe(2);
  expect(await store.messages.acknowledge(device.id, 99)).toBe(3);
});

test("an inbox that nobody reads fills up, and reading on one device makes room", async () => {
  await using store = await storeWith("alice", "bob");
  const { device } = await sessionOf(store, "bob");
  await sessionOf(store, "bob", "never used");
  for (let id = 0; id < MAX_UNREAD; id++) {
    await store.messages.add(messageFrom("alice", "bob", String(id)));
  }
  const more = messageFrom("alice", "bob", "one more");
  expect(await store.messages.add(more)).toEqual({ kind: "full" });
  await store.messages.acknowledge(device.id, 1);
  expect(await store.messages.add(more)).toMatchObject({ kind: "stored" });
});

test("an expired session is not found, and is forgotten at the next login", async () => {
  await using store = await storeWith("bob");
  const session = await sessionOf(store, "bob", "d");
  expect(await store.sessions.find(Buffer.from("d"), expiresAtMs - 1)).toEqual(session);
  expect(await store.sessions.find(Buffer.from("d"), expiresAtMs)).toBeUndefined();
});

test("one user can have only so many friend requests open", async () => {
  const others = Array.from({ length: MAX_OPEN_REQUESTS + 1 }, (_, index) => `user-${index}`);
  await using store = await storeWith("alice", ...others);
  const outcomes = new Set<string>();
  for (const other of others.slice(1)) outcomes.add(await store.friends.request("alice", other));
  expect([...outcomes]).toEqual(["requested"]);
  expect(await store.friends.request("alice", "user-0")).toBe("too-many");
  await store.friends.accept("user-1", "alice");
  expect(await store.friends.request("alice", "user-0")).toBe("requested");
});

test("a transaction that throws leaves nothing behind", () => {
  using database = new Database(":memory:");
  database.exec("CREATE TABLE notes (text TEXT)");
  const write = (): void =>
    database.transaction(() => {
      database.exec("INSERT INTO notes VALUES ('a')");
      throw new Error("no");
    });
  expect(write).toThrow("no");
  expect(database.prepare("SELECT * FROM notes").all()).toEqual([]);
  database.transaction(() => database.exec("INSERT INTO notes VALUES ('b')"));
  expect(database.prepare("SELECT * FROM notes").all()).toEqual([{ text: "b" }]);
});

test("after closing, calls are CLOSED, and closing again is nothing", async () => {
  const store = await storeWith("bob");
  await store.close();
  await store.close();
  await expect(store.accounts.find("bob")).rejects.toThrow(ClosedError);
});
