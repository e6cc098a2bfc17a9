import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { Delivery } from "../../src/delivery/delivery.ts";
import { WakeUps } from "../../src/delivery/wake-ups.ts";
import type { MessageStore } from "../../src/store/store.ts";
import { FakeConnection } from "../support/fake-connection.ts";
import { messageFrom, sessionOf, storeWith } from "../support/stored-users.ts";

const MUCH = 1_000_000;

async function deliveryTo(messages?: Partial<MessageStore>) {
  const store = await storeWith("alice", "bob");
  const session = await sessionOf(store, "bob");
  const connection = new FakeConnection();
  const wakeUps = new WakeUps();
  const failures: unknown[] = [];
  const onFailure = (error: unknown): void => void failures.push(error);
  const reader: MessageStore = {
    add: (message) => store.messages.add(message),
    after: (...range) => store.messages.after(...range),
    acknowledge: (...cursor) => store.messages.acknowledge(...cursor),
    ...messages,
  };
  const delivery = new Delivery({ session, messages: reader, wakeUps, connection, onFailure });
  const send = async (id: string): Promise<void> => {
    await store.messages.add(messageFrom("alice", "bob", id));
    wakeUps.wake("bob");
    await settle();
  };
  return { store, delivery, connection, wakeUps, failures, send };
}

test("while bytes wait for a slow reader nothing is read for him, and he misses nothing", async () => {
  const { delivery, connection, send } = await deliveryTo();
  await delivery.start(0);
  await send("a");
  connection.bufferedBytes = MUCH;
  await send("b");
  await send("c");
  delivery.drained();
  await settle();
  expect(connection.numbers).toEqual([1]);
  connection.bufferedBytes = 0;
  delivery.drained();
  await settle();
  expect(connection.numbers).toEqual([1, 2, 3]);
});

test("wake-ups that come together or for nothing send nothing twice", async () => {
  const { delivery, connection, wakeUps, send } = await deliveryTo();
  await delivery.start(0);
  for (let wake = 0; wake < 10; wake++) wakeUps.wake("bob");
  await send("a");
  wakeUps.wake("bob");
  await settle();
  expect(connection.numbers).toEqual([1]);
});

test("what a client acknowledges before it was sent again is not sent", async () => {
  const { delivery, connection, send } = await deliveryTo();
  connection.bufferedBytes = MUCH;
  await delivery.start(0);
  await send("a");
  await send("b");
  await send("c");
  await delivery.acknowledge(2);
  connection.bufferedBytes = 0;
  delivery.drained();
  await settle();
  expect(connection.numbers).toEqual([3]);
});

test("an acknowledgement of what does not exist yet keeps nothing back", async () => {
  const { delivery, connection, send } = await deliveryTo();
  await delivery.start(0);
  await delivery.acknowledge(1000);
  await send("a");
  expect(connection.numbers).toEqual([1]);
});

test("after it was stopped it sends nothing and listens to nobody", async () => {
  const { delivery, connection, send } = await deliveryTo();
  await delivery.start(0);
  delivery[Symbol.dispose]();
  await send("a");
  expect(connection.numbers).toEqual([]);
});

test("a store that fails stops the delivery and is reported", async () => {
  const broken = new Error("disk on fire");
  const { delivery, failures, send } = await deliveryTo({ after: () => Promise.reject(broken) });
  await delivery.start(0);
  await send("a");
  await send("b");
  expect(failures).toEqual([broken]);
});
