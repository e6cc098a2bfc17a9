import { LruMap } from "@net/core";
import { expect, test } from "vitest";

test("the entry that was used longest ago makes room", () => {
  const map = new LruMap<string, number>(3);
  map.set("a", 1);
  map.set("b", 2);
  map.set("c", 3);
  map.get("a");
  map.set("b", 20);
  map.set("d", 4);
  expect(["a", "b", "c", "d"].map((key) => map.get(key))).toEqual([1, 20, undefined, 4]);
  expect(map.size).toBe(3);
});

test("looking for what is not there changes nothing", () => {
  const map = new LruMap<string, number>(1);
  map.set("a", 1);
  expect(map.get("b")).toBeUndefined();
  expect(map.get("a")).toBe(1);
});
