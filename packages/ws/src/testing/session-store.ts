import assert from "node:assert/strict";
import { NetworkError, OverloadedError } from "@net/core";
import {
  type NewMessage,
  REMEMBERED_IDS,
  type SessionStore,
  type WaitingMessage,
} from "../session/store/store.ts";

/** What the suite needs to know about a store. */
export interface StoreHarness<Tx> {
  /** A new, empty store. */
  open(): SessionStore<Tx> | Promise<SessionStore<Tx>>;
  /** The same store after a restart of the process. Left out by one that does not survive it. */
  reopen?(store: SessionStore<Tx>): SessionStore<Tx> | Promise<SessionStore<Tx>>;
}

/** One promise of the contract; `run` rejects if it does not hold. */
export interface StoreCase {
  readonly name: string;
  run(): Promise<void>;
}

type Scenario = <Tx>(store: SessionStore<Tx>, harness: StoreHarness<Tx>) => Promise<void>;

/**
 * The promises of `SessionStore`, one case each, for any test runner.
 *
 * @example
 * ```ts
 * for (const { name, run } of sessionStoreConformance({ open: memorySessionStore })) test(name, run);
 * ```
 */
export function sessionStoreConformance<Tx>(harness: StoreHarness<Tx>): readonly StoreCase[] {
  return Object.entries(scenarios).map(([name, scenario]) => ({
    name,
    run: async () => scenario(await harness.open(), harness),
  }));
}

const all = { messages: 1_000, bytes: 1_000_000 };
const ids = (messages: readonly { readonly id: string }[]): string[] =>
  messages.map(({ id }) => id);
const conflict = (error: unknown): boolean => NetworkError.is(error, "CONFLICT");

function message(id: string, size = 2): NewMessage {
  return { id, body: JSON.stringify("x".repeat(size - 2)), bytes: size };
}

/** A session in epoch `e` with these messages waiting. */
async function begun<Tx>(store: SessionStore<Tx>, ...waiting: string[]): Promise<void> {
  await store.reset("s", "e");
  await store.append(
    "s",
    waiting.map((id) => message(id)),
    100,
  );
}

const scenarios: Readonly<Record<string, Scenario>> = {
  "what was never kept is undefined": async (store) => {
    assert.equal(await store.load("s"), undefined);
  },

  "messages may wait before the ends have met, and are numbered from 1": async (store) => {
    await store.append("s", [message("a"), message("b")], 100);
    assert.deepEqual(await store.load("s"), { epoch: "", cursor: 0, acked: 0, head: 2 });
    assert.deepEqual(await store.reset("s", "e"), { epoch: "e", cursor: 0, acked: 0, head: 2 });
    const offer = await store.offer("s", "e", 0, all);
    assert.deepEqual(
      offer.map(({ seq, id }) => [seq, id]),
      [
        [1, "a"],
        [2, "b"],
      ],
    );
  },

  "bodies come back as they were": async (store) => {
    await store.reset("s", "e");
    const body = JSON.stringify({ text: "naïve 𝄞 \u0000 '\"", list: [1, null] });
    await store.append("s", [{ id: "'; --", body, bytes: 60 }], 100);
    const [waiting] = (await store.offer("s", "e", 0, all)) as [WaitingMessage];
    assert.deepEqual(waiting, { seq: 1, id: "'; --", body, bytes: 60, redelivered: false });
  },

  "an id that waits is not added again, within one call and across calls": async (store) => {
    await store.append("s", [message("a"), message("a")], 100);
    await store.append("s", [message("a"), message("b")], 100);
    await store.reset("s", "e");
    assert.deepEqual(ids(await store.offer("s", "e", 0, all)), ["a", "b"]);
  },

  "an id that was acknowledged may be added again": async (store) => {
    await begun(store, "a");
    await store.acknowledge("s", "e", 1);
    await store.append("s", [message("a")], 100);
    assert.deepEqual(
      (await store.offer("s", "e", 1, all)).map(({ seq }) => seq),
      [2],
    );
  },

  "too many messages are refused, all of the call; those that wait already do not count twice":
    async (store) => {
      await store.append("s", [message("a"), message("b")], 2);
      await assert.rejects(store.append("s", [message("c")], 2), OverloadedError);
      await store.append("s", [message("b")], 2);
      assert.equal((await store.load("s"))?.head, 2);
    },

  "an offer is no larger than asked for, and at least one message": async (store) => {
    await store.reset("s", "e");
    await store.append("s", [message("a", 50), message("b", 50), message("c", 50)], 100);
    assert.deepEqual(ids(await store.offer("s", "e", 0, { messages: 2, bytes: 1_000 })), [
      "a",
      "b",
    ]);
    assert.deepEqual(ids(await store.offer("s", "e", 0, { messages: 9, bytes: 100 })), ["a", "b"]);
    assert.deepEqual(ids(await store.offer("s", "e", 2, { messages: 9, bytes: 1 })), ["c"]);
    assert.deepEqual(await store.offer("s", "e", 3, all), []);
  },

  "what was offered before is marked so, also in a new epoch": async (store) => {
    await begun(store, "a", "b", "c");
    const flags = (offer: readonly WaitingMessage[]) => offer.map(({ redelivered }) => redelivered);
    assert.deepEqual(flags(await store.offer("s", "e", 0, { ...all, messages: 2 })), [
      false,
      false,
    ]);
    assert.deepEqual(flags(await store.offer("s", "e", 0, all)), [true, true, false]);
    await store.acknowledge("s", "e", 2);
    await store.append("s", [message("d")], 100);
    await store.reset("s", "f");
    assert.deepEqual(flags(await store.offer("s", "f", 0, all)), [true, false]);
  },

  "acknowledging forgets messages and says which; twice is once": async (store) => {
    await begun(store, "a", "b", "c");
    assert.deepEqual([...(await store.acknowledge("s", "e", 2))].sort(), ["a", "b"]);
    assert.deepEqual(await store.acknowledge("s", "e", 2), []);
    assert.deepEqual(await store.load("s"), { epoch: "e", cursor: 0, acked: 2, head: 3 });
  },

  "beginning anew numbers what waits from 1 and sets the cursor to 0": async (store) => {
    await begun(store, "a", "b", "c");
    await store.commit("s", { epoch: "e", seq: 1, ids: ["x"] });
    await store.acknowledge("s", "e", 2);
    assert.deepEqual(await store.reset("s", "f"), { epoch: "f", cursor: 0, acked: 0, head: 1 });
    await store.append("s", [message("d")], 100);
    const offer = await store.offer("s", "f", 0, all);
    assert.deepEqual(
      offer.map(({ seq, id }) => [seq, id]),
      [
        [1, "c"],
        [2, "d"],
      ],
    );
  },

  "whoever belongs to another epoch gets CONFLICT, and changes nothing": async (store) => {
    await begun(store, "a");
    await assert.rejects(store.offer("s", "old", 0, all), conflict);
    await assert.rejects(store.acknowledge("s", "old", 1), conflict);
    await assert.rejects(store.commit("s", { epoch: "old", seq: 1, ids: ["x"] }), conflict);
    assert.deepEqual(await store.load("s"), { epoch: "e", cursor: 0, acked: 0, head: 1 });
  },

  "a commit moves the cursor and remembers the ids; the same again is false": async (store) => {
    await begun(store);
    assert.equal(await store.commit("s", { epoch: "e", seq: 2, ids: ["x", "y"] }), true);
    assert.equal(await store.commit("s", { epoch: "e", seq: 2, ids: ["y"] }), false);
    assert.equal((await store.load("s"))?.cursor, 2);
    assert.deepEqual(await store.committed("s", ["x", "y", "z"]), new Set(["x", "y"]));
  },

  "what is behind the cursor is false, and its effects do not run": async (store) => {
    await begun(store);
    await store.commit("s", { epoch: "e", seq: 3, ids: ["x", "y", "z"] });
    let runs = 0;
    const effects = (): void => void runs++;
    for (const progress of [
      { epoch: "e", seq: 1, ids: ["x"] },
      { epoch: "e", seq: 3, ids: [] },
    ]) {
      assert.equal(await store.commit("s", progress, effects), false);
    }
    assert.equal(runs, 0);
    assert.equal((await store.load("s"))?.cursor, 3);
  },

  "a commit that leaves a gap is CONFLICT": async (store) => {
    await begun(store);
    await assert.rejects(store.commit("s", { epoch: "e", seq: 2, ids: ["y"] }), conflict);
    assert.equal((await store.load("s"))?.cursor, 0);
  },

  "effects run once per message, and not at all where it was committed": async (store) => {
    await begun(store);
    let runs = 0;
    const effects = (): void => void runs++;
    const progress = { epoch: "e", seq: 1, ids: ["x"] };
    const answers = await Promise.all([1, 2, 3].map(() => store.commit("s", progress, effects)));
    assert.deepEqual(answers.sort(), [false, false, true]);
    assert.equal(runs, 1);
  },

  "effects that throw leave the cursor where it was, and others' work alone": async (store) => {
    await begun(store);
    const failing = store.commit("s", { epoch: "e", seq: 1, ids: ["x"] }, () => {
      throw new RangeError("no");
    });
    const other = store.append("other", [message("a")], 100);
    await assert.rejects(failing, RangeError);
    await other;
    assert.equal((await store.load("s"))?.cursor, 0);
    assert.equal((await store.load("other"))?.head, 1);
    assert.deepEqual(await store.committed("s", ["x"]), new Set());
  },

  "ids are remembered across epochs, the last 1,024 at least, and not for ever": async (store) => {
    await begun(store);
    const many = Array.from({ length: REMEMBERED_IDS }, (_, i) => `m${i}`);
    await store.commit("s", { epoch: "e", seq: 1, ids: ["first"] });
    await store.reset("s", "f");
    await store.commit("s", { epoch: "f", seq: many.length, ids: many });
    assert.deepEqual(await store.committed("s", ["m0", "m1023"]), new Set(["m0", "m1023"]));
    assert.deepEqual(await store.committed("s", ["first"]), new Set());
  },

  "sessions do not mix, and a deleted one is unknown": async (store) => {
    await begun(store, "a");
    await store.append("t", [message("a")], 100);
    await store.commit("s", { epoch: "e", seq: 1, ids: ["x"] });
    assert.deepEqual(await store.committed("t", ["x"]), new Set());
    await store.delete("s");
    assert.equal(await store.load("s"), undefined);
    assert.deepEqual(await store.committed("s", ["x"]), new Set());
    assert.equal((await store.load("t"))?.head, 1);
  },

  "all of it survives a restart, if the store does": async (store, harness) => {
    if (!harness.reopen) return;
    await begun(store, "a", "b");
    await store.commit("s", { epoch: "e", seq: 1, ids: ["x"] });
    await store.acknowledge("s", "e", 1);
    await store.offer("s", "e", 1, all);
    const again = await harness.reopen(store);
    assert.deepEqual(await again.load("s"), { epoch: "e", cursor: 1, acked: 1, head: 2 });
    assert.deepEqual(await again.committed("s", ["x"]), new Set(["x"]));
    const [waiting] = await again.offer("s", "e", 1, all);
    assert.equal(waiting?.id, "b");
    assert.equal(waiting.redelivered, true);
  },
};
