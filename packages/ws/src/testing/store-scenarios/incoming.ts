import assert from "node:assert/strict";
import { REMEMBERED_IDS } from "../../session/store/store.ts";
import { all, begun, conflict, message, type Scenario } from "./scenario.ts";

/** Messages of the other end that are committed, and what holds for both directions. */
export const incomingScenarios: Readonly<Record<string, Scenario>> = {
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
    const many = Array.from({ length: 2 * REMEMBERED_IDS }, (_, i) => `m${i}`);
    await store.commit("s", { epoch: "e", seq: 1, ids: ["first"] });
    await store.reset("s", "f");
    await store.commit("s", { epoch: "f", seq: many.length, ids: many });
    const last = [`m${REMEMBERED_IDS}`, `m${2 * REMEMBERED_IDS - 1}`];
    assert.deepEqual(await store.committed("s", last), new Set(last));
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
