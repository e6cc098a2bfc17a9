import { NetworkError } from "@net/core";
import type { Delivery } from "@net/ws/session";
import { expect, test } from "vitest";
import { memory, world } from "../support/pair.ts";

test("messages acknowledged one after the other, without waiting, are committed together", async () => {
  const store = memory();
  let commits = 0;
  const counting = new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]): unknown => {
        if (name === "commit") commits++;
        return Reflect.apply(method, target, args);
      };
    },
  });
  const { client, server, clock } = await world();
  const laptop = client({ store: counting });
  const consuming = (async () => {
    for await (const delivery of laptop.inbox()) void delivery.ack();
  })();
  const published = Array.from({ length: 64 }, (_, n) => server.publish("laptop", n));
  await clock.advance(0);
  await Promise.all(published);
  // They came in four parts.
  expect(commits).toBeLessThanOrEqual(4);
  await laptop.close();
  await consuming;
});

test("calls of an inbox's iterator are answered in order, and after it was left there is nothing", async () => {
  const { client, server, clock } = await world();
  const laptop = client();
  const inbox = laptop.inbox();
  const calls = [inbox.next(), inbox.next(), inbox.return(), inbox.next()];
  await server.enqueue("laptop", "one");
  await server.enqueue("laptop", "two");
  await server.enqueue("laptop", "three");
  await clock.advance(0);
  const [one, two, left, after] = await Promise.all(calls);
  expect([one?.value?.body, two?.value?.body]).toEqual(["one", "two"]);
  expect(left).toEqual({ done: true, value: undefined });
  expect(after).toEqual({ done: true, value: undefined });

  const again: unknown[] = [];
  for await (const { seq, redelivered } of laptop.inbox()) {
    again.push([seq, redelivered]);
    if (seq === 3) break;
  }
  expect(again).toEqual([
    [1, true],
    [2, true],
    [3, false],
  ]);
});

test("an inbox whose signal aborts is over, and gives back what it handed out", async () => {
  const { client, server, clock } = await world();
  const laptop = client();
  const controller = new AbortController();
  const inbox = laptop.inbox({ signal: controller.signal });
  await server.enqueue("laptop", "one");
  await clock.advance(0);
  await inbox.next();
  const next = inbox.next();
  controller.abort();
  await expect(next).rejects.toThrow(expect.objectContaining({ code: "ABORTED" }));
  expect(await inbox.next()).toEqual({ done: true, value: undefined });
  const { value } = await laptop.inbox().next();
  expect(value).toMatchObject({ body: "one", redelivered: true });
});

test("those acknowledged while one before them is committed share its fate only if they are written with it", async () => {
  const store = memory();
  const commit = store.commit.bind(store);
  let isFull = true;
  store.commit = async (session, progress, effects) => {
    if (isFull && !effects) throw new NetworkError("OUT_OF_RESOURCES", "the disk is full");
    return await commit(session, progress, effects);
  };
  const { client, server, clock } = await world();
  const inbox = client({ store }).inbox();
  for (const body of ["one", "two", "three"]) await server.enqueue("laptop", body);
  await clock.advance(0);
  const taken = [await inbox.next(), await inbox.next(), await inbox.next()];
  const [one, two, three] = taken.map(({ value }) => value) as [Delivery, Delivery, Delivery];
  const gate = Promise.withResolvers<void>();
  const committing = one.commit(() => gate.promise);
  await clock.advance(0);
  const refused = [two, three].map((each) =>
    expect(each.ack()).rejects.toMatchObject({ code: "OUT_OF_RESOURCES" }),
  );
  gate.resolve();
  expect(await committing).toBe(true);
  await Promise.all(refused);

  isFull = false;
  await Promise.all([three.ack(), two.ack(), two.ack()]);
  expect(await store.load("laptop")).toMatchObject({ cursor: 3 });
  await inbox.return();
});
