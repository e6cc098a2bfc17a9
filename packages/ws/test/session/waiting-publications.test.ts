import { expect, test } from "vitest";
import type { Publication } from "../../src/session/publication.ts";
import { WaitingPublications } from "../../src/session/waiting-publications.ts";

function publication(id: string, isMade = true): Publication {
  const made = isMade ? { maker: "m", count: 1 } : undefined;
  return {
    message: { id, body: "1", bytes: 1, made },
    settled: Promise.withResolvers(),
    signal: undefined,
    isAwaited: true,
    next: undefined,
  };
}

function waiting(...publications: Publication[]): WaitingPublications {
  const all = new WaitingPublications();
  for (const each of publications) all.add(each);
  return all;
}

test("in their order, each is taken once", () => {
  const row = Array.from({ length: 10 }, (_, i) => publication(`${i}`));
  const all = waiting(...row);
  for (const each of row) expect(all.take(each.message.id)).toBe(each);
  expect(all.isEmpty).toBe(true);
  expect(all.take("0")).toBeUndefined();
});

test("an id that nobody waits for, and one out of its turn, take nothing from the others", () => {
  const [one, two, three] = ["1", "2", "3"].map((id) => publication(id)) as [
    Publication,
    Publication,
    Publication,
  ];
  const all = waiting(one, two, three);
  expect(all.take("another process's")).toBeUndefined();
  expect(all.take("2")).toBe(two);
  expect(all.take("2")).toBeUndefined();
  expect(all.take("1")).toBe(one);
  expect(all.isEmpty).toBe(false);
  expect(all.take("3")).toBe(three);
  expect(all.isEmpty).toBe(true);
});

test("several that wait for one message are taken together, but for those that gave up", () => {
  const [first, second, third] = [1, 2, 3].map(() => publication("given", false));
  const all = waiting(publication("made"), ...([first, second, third] as Publication[]));
  all.remove(second as Publication);
  const together: unknown[] = [];
  for (let each = all.take("given"); each; each = each.next) together.push(each);
  expect(together).toEqual([third, first]);
  expect(all.take("made")?.message.id).toBe("made");
  expect(all.isEmpty).toBe(true);
});

test("one in the middle may give up, and all may be taken at once", () => {
  const row = ["1", "2", "3"].map((id) => publication(id));
  const all = waiting(...row);
  all.remove(row[1] as Publication);
  all.remove(row[1] as Publication);
  expect(all.takeAll()).toEqual([row[0], row[2]]);
  expect(all.isEmpty).toBe(true);
  all.add(row[1] as Publication);
  expect(all.take("2")).toBe(row[1]);
});
