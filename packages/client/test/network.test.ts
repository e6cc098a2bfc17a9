import { Network, NetworkClient, type NetworkInterface, type OutgoingMessage } from "@net/client";
import { expect, test } from "vitest";
import { fakeFetch, json, login } from "./support/fake-fetch.ts";

/** A carrier with three messages, that remembers what was acknowledged and sent. */
function carrier() {
  const acked: number[] = [];
  const sent: OutgoingMessage[] = [];
  const from = { userId: "u1", username: "alice" };
  const to = { agent: "assistant" };
  const own: Partial<NetworkInterface> = {
    async *messages() {
      for (const seq of [1, 2, 3]) {
        const ack = async (): Promise<void> => void acked.push(seq);
        yield { id: `m${seq}`, from, to, type: "TASK", text: "", sentAtMs: 0, seq, ack };
      }
    },
    sendMessage: async (message) => {
      sent.push(message);
      return { id: message.id, sentAtMs: 1 };
    },
  };
  return { network: new Network(own as NetworkInterface), acked, sent };
}

test("a message is acknowledged when the loop asks for the next one", async () => {
  const { network, acked } = carrier();
  const ackedBefore: number[] = [];
  for await (const _message of network.messages()) ackedBefore.push(acked.length);
  expect(ackedBefore).toEqual([0, 1, 2]);
  expect(acked).toEqual([1, 2, 3]);
});

test("a message at which the loop breaks or throws is not acknowledged", async () => {
  const { network, acked } = carrier();
  for await (const { seq } of network.messages()) if (seq === 2) break;
  expect(acked).toEqual([1]);
  const failing = async (): Promise<void> => {
    for await (const _message of network.messages()) throw new Error("no");
  };
  await expect(failing()).rejects.toThrow("no");
  expect(acked).toEqual([1]);
});

test("acknowledging by hand acknowledges nothing else", async () => {
  const { network, acked } = carrier();
  for await (const message of network.messages({ acknowledge: "manual" })) {
    if (message.seq === 2) await message.ack();
  }
  expect(acked).toEqual([2]);
});

test("a text message gets a new id and a type, unless it has them", async () => {
  const { network, sent } = carrier();
  const message = { recipientId: "u2", recipientAgent: "assistant", text: "hello" };
  const { id } = await network.sendTextMessage(message);
  await network.sendTextMessage({ ...message, id: "mine", type: "END" });
  expect(id).toMatch(/^[\da-f]{32}$/);
  expect(sent).toEqual([
    { ...message, id, type: "INFORMATION" },
    { ...message, id: "mine", type: "END" },
  ]);
});

test("a NetworkClient goes to this machine's port 8000 unless told otherwise", async () => {
  const { fetch, sent } = fakeFetch(json(login));
  await using client = new NetworkClient({ fetch });
  await client.login("alice", "correct horse battery", { device: "phone" });
  expect(sent[0]).toMatchObject({
    url: "http://127.0.0.1:8000/login",
    body: { username: "alice", device: "phone" },
  });
});
