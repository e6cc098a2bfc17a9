import { expect, test } from "vitest";
import type { LinkStateAdvert } from "../../src/link-state/advert.ts";
import { isKnown } from "../../src/link-state/known-copy.ts";
import { parseAdvert } from "../../src/link-state/parse-advert.ts";

const advert = {
  origin: "gpu-box",
  epoch: 1,
  seq: 2,
  links: [{ peer: "laptop", costUs: 2_000, rttMs: 1.5 }],
  capabilities: ["gpu"],
  tools: ["render"],
  toolsDigest: "4f1c",
  labels: ["site=attic"],
  load: 0.25,
  relay: true,
  ttlMs: 60_000,
  name: "GPU box",
};
const known = parseAdvert(advert);

function isKnownAs(value: unknown, held: LinkStateAdvert | undefined = known): boolean {
  return isKnown(
    value,
    () => known,
    () => held,
  );
}

test("a copy is known, however old it says it is; so is what is older, whatever it says", () => {
  expect(isKnownAs(JSON.parse(JSON.stringify(advert)))).toBe(true);
  expect(isKnownAs({ ...advert, ageMs: 7 })).toBe(true);
  expect(isKnownAs({ ...advert, seq: 1, load: "nonsense" })).toBe(true);
  expect(isKnownAs({ ...advert, epoch: 0, seq: 99 })).toBe(true);
});

test("what is newer is not known, nor a copy of what is held no more", () => {
  expect(isKnownAs({ ...advert, seq: 3 })).toBe(false);
  expect(
    isKnown(
      advert,
      () => known,
      () => undefined,
    ),
  ).toBe(false);
  expect(
    isKnown(
      advert,
      () => undefined,
      () => undefined,
    ),
  ).toBe(false);
});

const link = { peer: "laptop", costUs: 2_000, rttMs: 1.5 };
const changes: Record<string, unknown> = {
  "other links": { links: [] },
  "another neighbour": { links: [{ ...link, peer: "desktop" }] },
  "another cost": { links: [{ ...link, costUs: 1 }] },
  "another round trip": { links: [{ ...link, rttMs: undefined }] },
  "a link that is none": { links: [null] },
  "links that are no list": { links: { length: 1, 0: link } },
  "other capabilities": { capabilities: ["cpu"] },
  "more tools": { tools: ["render", "x"] },
  "another digest": { toolsDigest: "0000" },
  "other labels": { labels: [] },
  "another load": { load: 1 },
  "another relay flag": { relay: false },
  "another life": { ttlMs: 0 },
  "another name": { name: undefined },
};

test.each(Object.keys(changes))("one with the same key and %s is no copy", (what) => {
  expect(isKnownAs({ ...advert, ...(changes[what] as object) })).toBe(false);
});

test.each([
  null,
  "x",
  [],
  {},
  { origin: 1 },
  { ...advert, epoch: Number.NaN },
  { ...advert, seq: -1 },
])("of %j nothing is said", (value) => {
  expect(isKnownAs(value)).toBe(false);
});
