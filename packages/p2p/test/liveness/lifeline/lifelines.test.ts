import { systemClock } from "@net/core";
import { expect, test, vi } from "vitest";
import { Lifelines } from "../../../src/liveness/lifeline/lifelines.ts";

const host = "127.0.0.1";
const patient = { timeout: 60_000 };

test(
  "who was told of a neighbour's lifeline can ask it, until the link ends",
  patient,
  async () => {
    await using mine = new Lifelines(systemClock);
    await using theirs = new Lifelines(systemClock);
    expect(theirs.offer()).toBeUndefined();
    expect(await mine.ask("b")).toBeUndefined();
    await theirs.start(host);
    await theirs.start(host);
    const ticket = theirs.offer();
    if (!ticket) throw new Error("a started lifeline has a ticket");
    mine.learn("b", { host, ...ticket });
    await vi.waitUntil(async () => (await mine.ask("b")) !== undefined, patient);

    mine.forget("b");
    expect(await mine.ask("b")).toBeUndefined();
  },
);

test(
  "one that was closed starts no thread any more, also not one that was under way",
  patient,
  async () => {
    const lifelines = new Lifelines(systemClock);
    const starting = lifelines.start(host);
    await lifelines.close();
    await lifelines.close();
    await starting;
    await lifelines.start(host);
    expect(lifelines.offer()).toBeUndefined();
  },
);

test("one that could not listen may be started again elsewhere", patient, async () => {
  await using lifelines = new Lifelines(systemClock);
  await expect(lifelines.start("192.0.2.1")).rejects.toThrow("EADDRNOTAVAIL");
  await lifelines.start(host);
  expect(lifelines.offer()?.port).toBeGreaterThan(0);
});
