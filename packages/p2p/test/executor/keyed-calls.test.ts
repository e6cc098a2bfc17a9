import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { KeyedCalls } from "../../src/executor/keyed-calls.ts";

const { signal } = new AbortController();
const place = { peerId: "one", incarnation: "1" };

test("turns of one key come one after the other, of different keys at once", async () => {
  const keyed = new KeyedCalls(new FakeClock());
  const began: string[] = [];
  const take = async (id: string, name: string): Promise<Disposable> => {
    const turn = await keyed.turn(id, signal);
    began.push(name);
    return turn;
  };
  const first = await take("a", "first");
  const second = take("a", "second");
  const other = await take("b", "other");
  expect(began).toEqual(["first", "other"]);
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  other[Symbol.dispose]();
  await settle();

  expect(began).toEqual(["first", "other", "second"]);
});

test("a place is remembered for ten minutes after its last use, and no more than 16,384 are", async () => {
  const clock = new FakeClock();
  const keyed = new KeyedCalls(clock);
  keyed.sent("a", place);
  await clock.advance(599_999);
  expect(keyed.place("a")).toMatchObject(place);
  await clock.advance(1);
  expect(keyed.place("a")).toBeUndefined();
  for (let call = 0; call <= 16_384; call++) keyed.sent(`${call}`, place);

  expect(keyed.place("0")).toBeUndefined();
  expect(keyed.place("1")).toMatchObject(place);
  keyed.notRun("1");
  expect(keyed.place("1")).toBeUndefined();
});
