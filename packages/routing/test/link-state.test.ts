import { NetworkError, OverloadedError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import type { LinkStateAdvert } from "../src/advert.ts";
import { ADVERT_LIFETIME, LinkStateDatabase, MAX_ORIGINS } from "../src/link-state.ts";

function advert(change: Partial<LinkStateAdvert> = {}): LinkStateAdvert {
  const nothing = { links: [], capabilities: [], tools: [], load: 0 };
  return { origin: "a", epoch: 1, seq: 1, ...nothing, ...change };
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

test("another content under the same key is a CONFLICT, and the first one stays", () => {
  const database = new LinkStateDatabase(new FakeClock());
  database.apply(advert({ load: 0.5 }));
  expect(() => database.apply(advert({ load: 1 }))).toThrow(NetworkError);
  expect(() => database.apply(advert({ load: 1 }))).toThrow(/two different adverts of a/);
  expect(database.get("a")?.load).toBe(0.5);
});

test("an advert lives for 90 s after it was heard; a refresh begins anew", async () => {
  const clock = new FakeClock();
  const database = new LinkStateDatabase(clock);
  database.apply(advert());
  await clock.advance(ADVERT_LIFETIME - 1);
  expect(database.expire()).toBe(false);
  database.apply(advert({ seq: 2 }));
  await clock.advance(ADVERT_LIFETIME - 1);
  expect(database.expire()).toBe(false);
  await clock.advance(1);
  expect(database.expire()).toBe(true);
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
