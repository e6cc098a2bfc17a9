import { expect, test } from "vitest";
import { Interest } from "../../../src/gossip/pubsub/interest.ts";
import { assertPattern, assertTopic, patternsFor } from "../../../src/gossip/pubsub/topics.ts";

const refused = expect.objectContaining({ code: "INVALID_ARGUMENT" });

test("a topic is matched by itself, by everything above it, and by *", () => {
  expect(patternsFor("a.b.c")).toEqual(["a.b.c", "a.b.*", "a.*", "*"]);
  expect(patternsFor("a")).toEqual(["a", "*"]);
  expect(patternsFor(".a")).toEqual([".a", "*"]);
});

test("a * stands at the end of a pattern, after a dot, and in no topic", () => {
  for (const pattern of ["a", "a.b", "a.*", "a.b.*", "*"])
    expect(assertPattern(pattern)).toBe(pattern);
  for (const pattern of ["", "a*", "*.a", "a.*.b", "a.**", "**", ".*", "x".repeat(129), "a\nb"]) {
    expect(() => assertPattern(pattern)).toThrow(refused);
  }
  expect(assertTopic("a.b")).toBe("a.b");
  for (const topic of ["", "*", "a.*", "a\n"]) expect(() => assertTopic(topic)).toThrow(refused);
});

test("interest is what each peer said last", () => {
  const interest = new Interest();
  interest.set("x", ["a.*", "b"]);
  interest.set("y", ["a.b", "*"]);
  expect([...interest.subscribers("a.b")].sort()).toEqual(["x", "y"]);
  interest.set("x", ["b"]);
  expect([...interest.subscribers("a.b")]).toEqual(["y"]);
  interest.delete("y");
  expect([...interest.subscribers("a.b")]).toEqual([]);
  expect(interest.isSubscribed("x", "b")).toBe(true);
  expect(interest.isSubscribed("y", "b")).toBe(false);
});
