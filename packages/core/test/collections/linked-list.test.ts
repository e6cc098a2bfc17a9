import { LinkedList } from "@net/core";
import { expect, test } from "vitest";

test("values stand in the order they came", () => {
  const list = new LinkedList<string>();
  for (const name of ["a", "b", "c"]) list.add(name);
  expect([...list]).toEqual(["a", "b", "c"]);
  expect(list.first).toBe("a");
  expect(list.size).toBe(3);
});

test("a value can leave from the beginning, the middle and the end", () => {
  const list = new LinkedList<string>();
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => list.add(name));
  b?.remove();
  expect([...list]).toEqual(["a", "c", "d"]);
  d?.remove();
  expect([...list]).toEqual(["a", "c"]);
  a?.remove();
  expect([...list]).toEqual(["c"]);
  c?.remove();
  expect([...list]).toEqual([]);
  expect(list.first).toBeUndefined();
  list.add("e");
  expect([...list]).toEqual(["e"]);
});

test("removing twice takes nobody else away", () => {
  const list = new LinkedList<string>();
  const a = list.add("a");
  list.add("b");
  a.remove();
  a[Symbol.dispose]();
  expect(list.size).toBe(1);
  expect([...list]).toEqual(["b"]);
});

test("what has left is linked to nothing", () => {
  const list = new LinkedList<string>();
  list.add("a");
  const b = list.add("b");
  list.add("c");
  b.remove();
  expect([b.next, b.previous, b.list]).toEqual([undefined, undefined, undefined]);
});

test("takeFirst gives them in order, then nothing", () => {
  const list = new LinkedList<number>();
  list.add(1);
  list.add(2);
  expect([list.takeFirst(), list.takeFirst(), list.takeFirst()]).toEqual([1, 2, undefined]);
});

test("iterating sees those that were there when it began", () => {
  const list = new LinkedList<number>();
  const entries = [1, 2, 3].map((value) => list.add(value));
  const seen: number[] = [];
  for (const value of list) {
    seen.push(value);
    for (const entry of entries) entry.remove();
    list.add(9);
  }
  expect(seen).toEqual([1, 2, 3]);
});
