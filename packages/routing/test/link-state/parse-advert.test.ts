import { NetworkError, ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { isNewer, MAX_LINKS } from "../../src/link-state/advert.ts";
import { canonicalText, saysTheSame } from "../../src/link-state/canonical-advert.ts";
import { parseAdvert } from "../../src/link-state/parse-advert.ts";
import { MAX_NAME_LENGTH, MAX_NAMES } from "../../src/names.ts";

const advert = {
  origin: "gpu-box",
  epoch: 1,
  seq: 1,
  links: [{ peer: "laptop", costUs: 2_000, rttMs: 1.5 }],
  capabilities: ["gpu"],
  tools: ["render"],
  toolsDigest: "4f1c",
  labels: ["site=attic"],
  load: 0.25,
  relay: false,
  ttlMs: 60_000,
  name: "GPU box",
  signature: "c2ln",
  ageMs: 250,
};

test("a good advert is read as it is, without what it adds", () => {
  expect(parseAdvert({ ...advert, surprise: true })).toEqual(advert);
});

test("lists are put into one order, so that equal adverts are equal", () => {
  const links = [
    { peer: "b", costUs: 1 },
    { peer: "a", costUs: 2 },
  ];
  const read = parseAdvert({ ...advert, links, tools: ["y", "x", "y"] });
  const other = parseAdvert({ ...advert, links: links.toReversed(), tools: ["x", "y"] });
  expect(read.links.map(({ peer }) => peer)).toEqual(["a", "b"]);
  expect(read.tools).toEqual(["x", "y"]);
  expect(saysTheSame(read, other)).toBe(true);
});

test("adverts of before there were such fields relay, live for 90 s and have no labels", () => {
  const { relay: _r, ttlMs: _t, labels: _l, ageMs: _a, ...old } = advert;
  expect(parseAdvert(old)).toMatchObject({ relay: true, ttlMs: 90_000, labels: [] });
});

test("what is signed is one text, whatever order things came in, without signature and age", () => {
  const read = parseAdvert({ ...advert, tools: ["y", "x"] });
  expect(canonicalText(read)).toBe(
    '["net link-state advert 1","gpu-box",1,1,[["laptop",2000,1.5]],["gpu"],["x","y"],"4f1c",["site=attic"],0.25,false,60000,"GPU box"]',
  );
  expect(
    canonicalText(parseAdvert({ ...advert, name: undefined, toolsDigest: undefined })),
  ).toContain('["render"],null,["site=attic"],0.25,false,60000,null]');
});

test("names that objects have by themselves are names like others", () => {
  const links = [
    { peer: "__proto__", costUs: 1 },
    { peer: "constructor", costUs: 2 },
  ];
  const read = parseAdvert(JSON.parse(JSON.stringify({ ...advert, origin: "toString", links })));
  expect(read).toMatchObject({ origin: "toString", links });
});

const link = advert.links[0];
const wrong: Record<string, unknown> = {
  "not an object": "advert",
  "an array": [advert],
  "no origin": { ...advert, origin: undefined },
  "an empty origin": { ...advert, origin: "" },
  "a line break in the origin": { ...advert, origin: "a\nb" },
  "half a character in the origin": { ...advert, origin: "\ud800" },
  "a very long origin": { ...advert, origin: "x".repeat(MAX_NAME_LENGTH + 1) },
  "a negative epoch": { ...advert, epoch: -1 },
  "a fraction as seq": { ...advert, seq: 1.5 },
  "a seq beyond 2^53": { ...advert, seq: 2 ** 53 },
  "a text as load": { ...advert, load: "0" },
  "a load above 1": { ...advert, load: 1.01 },
  "a load that is no number": { ...advert, load: Number.NaN },
  "an empty name": { ...advert, name: "" },
  "a relay that is no boolean": { ...advert, relay: 1 },
  "a life of half a second": { ...advert, ttlMs: 500 },
  "a life beyond 90 s": { ...advert, ttlMs: 90_001 },
  "a negative life": { ...advert, ttlMs: -1 },
  "a negative age": { ...advert, ageMs: -1 },
  "an age that is no number": { ...advert, ageMs: Number.NaN },
  "a label that is no text": { ...advert, labels: [1] },
  "an empty signature": { ...advert, signature: "" },
  "a very long signature": { ...advert, signature: "x".repeat(1_025) },
  "more text than an advert may have": {
    ...advert,
    tools: Array.from({ length: MAX_NAMES }, (_, i) => `${i}`.padEnd(200, "t")),
  },
  "no tools": { ...advert, tools: undefined },
  "a tool that is no text": { ...advert, tools: [1] },
  "a hole among the tools": { ...advert, tools: new Array(2) },
  "too many tools": { ...advert, tools: Array.from({ length: MAX_NAMES + 1 }, (_, i) => `t${i}`) },
  "capabilities that are no list": { ...advert, capabilities: "gpu" },
  "links that are no list": { ...advert, links: { laptop: 1 } },
  "too many links": {
    ...advert,
    links: Array.from({ length: MAX_LINKS + 1 }, (_, i) => ({ peer: `p${i}`, costUs: 1 })),
  },
  "a hole among the links": { ...advert, links: new Array(1) },
  "a link that is null": { ...advert, links: [null] },
  "a link to itself": { ...advert, links: [{ ...link, peer: "gpu-box" }] },
  "a link twice": { ...advert, links: [link, link] },
  "a free link": { ...advert, links: [{ ...link, costUs: 0 }] },
  "a cost beyond 32 bits": { ...advert, links: [{ ...link, costUs: 2 ** 32 }] },
  "a fraction as cost": { ...advert, links: [{ ...link, costUs: 1.5 }] },
  "a negative rtt": { ...advert, links: [{ ...link, rttMs: -1 }] },
  "an endless rtt": { ...advert, links: [{ ...link, rttMs: Number.POSITIVE_INFINITY }] },
};

test.each(Object.keys(wrong))("%s is a ValidationError", (name) => {
  expect(() => parseAdvert(wrong[name])).toThrow(ValidationError);
});

test("the error says where and what would be right, and does not repeat what was sent", () => {
  try {
    parseAdvert({ ...advert, links: [{ ...link, costUs: "evil" }] });
    expect.unreachable();
  } catch (error) {
    if (!ValidationError.is(error)) throw error;
    expect(error.message).toBe("advert.links.0.costUs must be a whole number from 1 to 4294967295");
    expect(error.issues[0]?.path).toEqual(["advert", "links", 0, "costUs"]);
    expect(NetworkError.is(error, "INVALID_ARGUMENT")).toBe(true);
  }
});

test("a higher epoch is newer whatever the seq; within one, the higher seq", () => {
  expect(isNewer({ epoch: 2, seq: 1 }, { epoch: 1, seq: 9 })).toBe(true);
  expect(isNewer({ epoch: 1, seq: 2 }, { epoch: 1, seq: 1 })).toBe(true);
  expect(isNewer({ epoch: 1, seq: 1 }, { epoch: 1, seq: 1 })).toBe(false);
  expect(isNewer({ epoch: 1, seq: 9 }, { epoch: 2, seq: 1 })).toBe(false);
});
