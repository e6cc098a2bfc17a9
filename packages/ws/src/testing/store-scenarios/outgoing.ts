import assert from "node:assert/strict";
import { OverloadedError } from "@net/core";
import type { WaitingMessage } from "../../session/store/store.ts";
import { all, begun, ids, message, type Scenario } from "./scenario.ts";

/** Messages that wait for the other end. */
export const outgoingScenarios: Readonly<Record<string, Scenario>> = {
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
};
