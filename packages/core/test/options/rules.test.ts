import { seededRng, silentLogger, systemClock } from "@net/core";
import {
  aborting,
  callable,
  clock,
  either,
  flag,
  having,
  listOf,
  logger,
  type Rule,
  readElsewhere,
  rng,
  someRecord,
  text,
} from "@net/core/options";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";

const names = listOf(text, "a list of names");
const dog = having<{ bark(): void; sit(): void }>("a Dog", ["bark", "sit"]);
class Puppy {
  bark(): void {}
  sit(): void {}
}
const callableDog = Object.assign(() => {}, { bark: () => {}, sit: () => {} });

test.each<[string, Rule, readonly unknown[], readonly unknown[]]>([
  ["flag", flag, [true, false], [0, "true", null, undefined]],
  ["callable", callable, [() => {}, Puppy], [{}, "f", null]],
  ["text", text, ["x", " "], ["", 5, null, ["x"]]],
  ["someRecord", someRecord, [{}, new Puppy(), new Map()], [null, [], "x", () => {}]],
  ["aborting", aborting, [AbortSignal.abort()], [new AbortController(), {}, null]],
  ["clock", clock, [systemClock, new FakeClock()], [{}, Date, null, 5]],
  ["rng", rng, [seededRng(1)], [Math.random, {}, null]],
  ["logger", logger, [silentLogger], [{ info: () => {} }, null]],
  ["a list", names, [[], ["a", "b"]], ["a", ["a", ""], [5], new Set(["a"])]],
  ["one of two", either(text, flag), ["x", false], ["", 0, null]],
  ["what has methods", dog, [new Puppy(), callableDog], [{ bark: 1, sit: 1 }, "dog", null]],
  ["what is read elsewhere", readElsewhere, [undefined, null, 5], []],
])("%s accepts what it says, and nothing else", (_name, { accepts }, right, wrong) => {
  expect(right.map(accepts)).toEqual(right.map(() => true));
  expect(wrong.map(accepts)).toEqual(wrong.map(() => false));
});

test("rules say in words what they want", () => {
  expect(either(text, flag, callable).words).toBe(
    "a text that is not empty, or true or false, or a function",
  );
  expect(dog.words).toBe("a Dog: something with bark, sit");
  expect(names.words).toBe("a list of names");
});
