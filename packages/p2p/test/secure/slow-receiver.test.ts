import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { securedPair } from "./support/secured-pair.ts";

const FRAME = 10_000;

test("a receiver that pauses within a batch gets the rest of it later, in order", async () => {
  const [here, there] = await securedPair();
  const heard: number[] = [];
  there.receive(([first = 0]) => {
    heard.push(first);
    if (first === 2) there.pause();
  });
  for (let number = 0; number < 6; number++) here.send(Uint8Array.of(number));
  await settle();
  expect(heard).toEqual([0, 1, 2]);
  there.resume();
  await settle();

  expect(heard).toEqual([0, 1, 2, 3, 4, 5]);
});

test("a receiver that pauses holds the sender back, so that nothing piles up at either end", async () => {
  const [here, there] = await securedPair();
  let heard = 0;
  there.receive(() => heard++);
  there.pause();
  await settle();
  let sent = 0;
  let isFull = false;
  // Much more than a sender that listens to `false` could have under way.
  while (!isFull && sent < 1_000) {
    isFull = !here.send(new Uint8Array(FRAME));
    sent++;
    await settle();
  }
  expect(sent * FRAME).toBeLessThan(512 * 1024);
  expect(heard).toBe(0);
  const drained = here.drained();
  there.resume();
  await drained;
  await settle();

  expect(heard).toBe(sent);
});
