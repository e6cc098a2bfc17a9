import { OverloadedError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { ADVERT_LIFETIME, type LinkStateAdvert } from "../../src/link-state/advert.ts";
import { LinkStateDatabase, MAX_ORIGINS } from "../../src/link-state/database.ts";

function advert(change: Partial<LinkStateAdvert> = {}): LinkStateAdvert {
  const nothing = { links: [], capabilities: [], tools: [], labels: [], load: 0, relay: true };
  return { origin: "a", epoch: 1, seq: 1, ttlMs: ADVERT_LIFETIME, ...nothing, ...change };
}

test("a newer advert replaces, an older one and a copy are stale", () => {
  const database = new LinkStateDatabase(new FakeClock());
  expect(database.apply(advert({ seq: 2, load: 0.5 }))).toBe("changed");
  expect(database.apply(advert({ seq: 2, load: 0.5 }))).toBe("stale");
  expect(database.apply(advert({ seq: 1 }))).toBe("stale");
  expect(database.apply(advert({ seq: 3, load: 0.5 }))).toBe("refreshed");
  expect(database.apply(advert({ epoch: 2, seq: 1 }))).toBe("changed");
  expect(database.get("a")).toMatchObject({ epoch: 2, load: 0 });
});

test("another content under the same key is a contradiction; a copy, an older and a newer one are none", () => {
  const database = new LinkStateDatabase(new FakeClock());
  database.apply(advert({ seq: 2, load: 0.5 }));
  expect(database.contradicts(advert({ seq: 2, load: 1 }))).toBe(true);
  expect(database.contradicts(advert({ seq: 2, load: 0.5, ageMs: 9, signature: "x" }))).toBe(false);
  expect(database.contradicts(advert({ seq: 1 }))).toBe(false);
  expect(database.contradicts(advert({ seq: 3 }))).toBe(false);
  expect(database.contradicts(advert({ origin: "b" }))).toBe(false);
});

test("a withdrawal takes an origin out at once, is passed on, and an older advert does not bring it back", () => {
  const database = new LinkStateDatabase(new FakeClock());
  database.apply(advert());
  const withdrawal = advert({ seq: 3, ttlMs: 0 });
  expect(database.apply(withdrawal)).toBe("withdrawn");
  expect(database.get("a")).toBeUndefined();
  expect(database.apply(advert({ seq: 2 }))).toBe("stale");
  expect(database.forwardable("a")).toEqual(withdrawal);
  expect(database.apply(advert({ seq: 4 }))).toBe("changed");
});

test("an advert that says so lives shorter; its age counts, and is passed on grown", async () => {
  const clock = new FakeClock();
  const database = new LinkStateDatabase(clock);
  database.apply(advert({ ttlMs: 10_000, ageMs: 4_000 }));
  await clock.advance(5_999);
  expect(database.expire()).toEqual([]);
  expect(database.forwardable("a")).toMatchObject({ ttlMs: 10_000, ageMs: 9_999 });
  await clock.advance(1);
  expect(database.expire()).toEqual(["a"]);
  expect(database.apply(advert({ seq: 2, ttlMs: 10_000, ageMs: 10_000 }))).toBe("stale");
});

test("a flood of large adverts fills only so much memory", () => {
  const database = new LinkStateDatabase(new FakeClock());
  const tools = Array.from({ length: 500 }, (_, i) => `${i}`.padEnd(250, "t"));
  const flood = (): void => {
    for (let i = 0; i < 1_000; i++) database.apply(advert({ origin: `p${i}`, tools }));
  };
  expect(flood).toThrow(OverloadedError);
  expect(database.size).toBeGreaterThan(500);
  database.forget("p0");
  expect(database.apply(advert({ origin: "small" }))).toBe("changed");
});

test("an advert lives for 90 s after it was heard; a refresh begins anew", async () => {
  const clock = new FakeClock();
  const database = new LinkStateDatabase(clock);
  database.apply(advert());
  await clock.advance(ADVERT_LIFETIME - 1);
  expect(database.expire()).toEqual([]);
  database.apply(advert({ seq: 2 }));
  await clock.advance(ADVERT_LIFETIME - 1);
  expect(database.expire()).toEqual([]);
  await clock.advance(1);
  expect(database.expire()).toEqual(["a"]);
  expect(database.get("a")).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test("an expired advert that still travels does not come back to life; a newer one does", async () => {
  const clock = new FakeClock();
  const database = new LinkStateDatabase(clock);
  database.apply(advert());
  await clock.advance(ADVERT_LIFETIME);
  database.expire();
  expect(database.apply(advert())).toBe("stale");
  expect(database.apply(advert({ seq: 2 }))).toBe("changed");
});

test("the memory of a dead advert ends too", async () => {
  const clock = new FakeClock();
  const database = new LinkStateDatabase(clock);
  database.apply(advert());
  await clock.advance(ADVERT_LIFETIME);
  database.expire();
  await clock.advance(15 * 60_000);
  database.expire();
  expect(database.apply(advert())).toBe("changed");
});

test("made-up origins cannot fill the memory", () => {
  const database = new LinkStateDatabase(new FakeClock());
  for (let i = 0; i < MAX_ORIGINS; i++) database.apply(advert({ origin: `p${i}` }));
  expect(() => database.apply(advert({ origin: "one too many" }))).toThrow(OverloadedError);
  expect(database.apply(advert({ origin: "p0", seq: 2 }))).toBe("refreshed");
});
