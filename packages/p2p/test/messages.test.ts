import { settle } from "@net/core/testing";
import type { PeerMessage, PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "./support/test-network.ts";

function inboxOf(peer: PeerNetwork | undefined): PeerMessage[] {
  const inbox: PeerMessage[] = [];
  peer?.on("message", (message) => inbox.push(message));
  return inbox;
}

test("a message reaches one peer, over a relay too, with its bytes", async () => {
  await using net = new TestNetwork();
  const [a, b, c] = await net.line("a", "b", "c");
  const [atB, atC] = [inboxOf(b), inboxOf(c)];
  await a?.send("c", { type: "hello", data: { file: Uint8Array.of(1, 2) } });
  await settle();

  expect(atC).toEqual([{ from: "a", type: "hello", data: { file: Uint8Array.of(1, 2) } }]);
  expect(atB).toEqual([]);
});

test("a broadcast reaches all peers that can be reached, once, and says how many", async () => {
  await using net = new TestNetwork();
  const [a, b, c] = await net.line("a", "b", "c");
  const inboxes = [a, b, c].map(inboxOf);

  expect(a?.broadcast({ type: "news" })).toBe(2);
  await settle();
  expect(inboxes.map((inbox) => inbox.length)).toEqual([0, 1, 1]);
  expect(inboxes[2]).toEqual([{ from: "a", type: "news", data: undefined }]);
});

test("messages to one peer keep their order", async () => {
  await using net = new TestNetwork();
  const [a, , c] = await net.line("a", "b", "c");
  const inbox = inboxOf(c);
  for (let number = 0; number < 100; number++) await a?.send("c", { type: "n", data: number });
  await settle();

  expect(inbox.map(({ data }) => data)).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

test("what cannot be sent is said, and nothing is sent", async () => {
  await using net = new TestNetwork();
  const [a, b] = await net.line("a", "b");
  const inbox = inboxOf(b);

  await expect(a?.send("b", { type: "" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(a?.send("b", { type: "x", data: 1n })).rejects.toThrow("is a bigint");
  await expect(a?.send("a", { type: "x" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  const large = new Uint8Array(2 * 1024 * 1024);
  await expect(a?.send("b", { type: "x", data: large })).rejects.toMatchObject({
    code: "FRAME_TOO_LARGE",
  });
  expect(() => a?.broadcast({ type: "x", data: () => {} })).toThrow("is a function");
  await settle();
  expect(inbox).toEqual([]);
  expect(b?.getConnectedPeers()).toHaveLength(1);
});

test("a broadcast in an empty network goes to nobody", async () => {
  await using net = new TestNetwork();

  expect((await net.peer("a")).broadcast({ type: "anybody?" })).toBe(0);
});

test("a message that cannot leave is tried again as the policy of its type says, and others are not", async () => {
  await using net = new TestNetwork();
  const retryPolicy = { maxRetries: 5, backoff: "fixed", initialDelay: 1_000 } as const;
  const policies = { alarm: { priority: "high", retryPolicy } } as const;
  const a = await net.peer("a", { qos: { policies } });
  const late = a.send("b", { type: "alarm" });
  await expect(a.send("b", { type: "news" })).rejects.toMatchObject({ code: "NO_ROUTE" });
  const b = await net.peer("b");
  const inbox = inboxOf(b);
  await b.connect("memory:a");
  await net.until(late);
  await settle();

  expect(inbox).toMatchObject([{ from: "a", type: "alarm" }]);
});

test("a message that never can leave is given up after the tries of its policy", async () => {
  await using net = new TestNetwork();
  const retryPolicy = { maxRetries: 2, backoff: "fixed", initialDelay: 1_000 } as const;
  const a = await net.peer("a", {
    qos: { policies: { alarm: { priority: "high", retryPolicy } } },
  });
  const start = net.clock.monotonicMs();

  await expect(net.until(a.send("nobody", { type: "alarm" }))).rejects.toMatchObject({
    code: "NO_ROUTE",
  });
  expect(net.clock.monotonicMs() - start).toBeLessThanOrEqual(3_000);
});

test.each([
  ["null", null, "the message must be an object"],
  ["undefined", undefined, "the message must be an object"],
  ["a text", "hello", "the message must be an object"],
  ["without a type", { data: 1 }, "the message's type must be"],
  ["of a type that is no text", { type: 5 }, "the message's type must be"],
])(
  "a message that is %s is refused, sent or broadcast, before anything leaves",
  async (_what, wrong, why) => {
    await using net = new TestNetwork();
    const [a, b] = await net.line("a", "b");
    const atB = inboxOf(b);
    const message = wrong as unknown as PeerMessage;

    const sent = a?.send("b", message);
    await expect(sent).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(sent).rejects.toThrow(why);
    expect(() => a?.broadcast(message)).toThrow(why);
    await settle();
    expect(atB).toEqual([]);
  },
);
