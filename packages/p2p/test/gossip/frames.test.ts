import { ProtocolError } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAdvertFrame } from "../../src/gossip/adverts/advert-frame.ts";
import { advertFields, parseAdvertFields } from "../../src/gossip/adverts/peer-advert.ts";
import {
  differenceFields,
  digestFields,
  parseDifference,
  parseDigest,
  parseWant,
  wantFields,
} from "../../src/gossip/adverts/resync-frames.ts";
import { parseBroadcastFrame } from "../../src/gossip/broadcast/broadcast-frame.ts";
import { idListFields, parseIdList } from "../../src/gossip/broadcast/id-lists.ts";
import { broadcastFields, parseBroadcastFields } from "../../src/gossip/broadcast/message.ts";
import { codec } from "./support/codec.ts";
import { craftAdvert, craftBroadcast, linkStateOf } from "./support/craft.ts";

const parsers = {
  parseAdvertFrame,
  parseAdvertFields,
  parseBroadcastFrame,
  parseBroadcastFields,
  parseDifference,
  parseDigest,
  parseIdList,
  parseWant,
};
const identity = DeviceIdentity.generate();
const links = [
  { peer: "b", costUs: 1_000 },
  { peer: "c", costUs: 2_000, rttMs: 1.5 },
];
const advert = {
  linkState: linkStateOf({ ...{ origin: "a", links, tools: ["t"], toolsDigest: "d", name: "A" } }),
  ...{ idempotent: ["t"], topics: ["x.*"], broadcasts: 3 },
};
const broadcast = {
  ...({ origin: "a", epoch: 1, seq: 2, kind: "publication", scope: "neighbours" } as const),
  ...{ name: "x.y", lifetimeMs: 30_000, payload: new Uint8Array([1, 2]) },
};

/** A frame or statement of each parser that is right. */
const right: Readonly<Record<keyof typeof parsers, readonly unknown[]>> = {
  parseAdvertFrame: codec.decode(craftAdvert(identity, { origin: "a" })) as unknown[],
  parseAdvertFields: advertFields(advert),
  parseBroadcastFrame: codec.decode(craftBroadcast(identity, { origin: "a", seq: 1 })) as unknown[],
  parseBroadcastFields: broadcastFields(broadcast),
  parseDifference: differenceFields({ buckets: [0, 255], held: [["a", 1, 2]] }),
  parseDigest: digestFields({ buckets: Array.from({ length: 256 }, (_, i) => i * 16_777_215) }),
  parseIdList: idListFields([{ origin: "a", epoch: 1, seq: 2 }]),
  parseWant: wantFields(["a", "b"]),
};

test("what is written is read again as it was", () => {
  const wire = (fields: readonly unknown[]): unknown => codec.decode(codec.encode(fields));
  expect(parseAdvertFields(wire(advertFields(advert)))).toEqual(advert);
  const { payload, ...read } = parseBroadcastFields(wire(broadcastFields(broadcast)));
  expect({ ...read, payload: new Uint8Array(payload) }).toEqual(broadcast);
  const ids = [1, 2, 3].map((seq) => ({ origin: "a", epoch: 1, seq }));
  const others = [{ origin: "b", epoch: 1, seq: 1 }];
  expect(parseIdList(wire(idListFields([...ids, ...others])))).toEqual([...ids, ...others]);
  const buckets = Array.from({ length: 256 }, (_, i) => i * 16_777_215);
  expect(parseDigest(wire(digestFields({ buckets })))).toEqual({ buckets });
});

test.each(Object.keys(parsers) as (keyof typeof parsers)[])(
  "%s ignores fields that a later version adds, and refuses any other that is missing or wrong",
  (name) => {
    const parse: (value: unknown) => unknown = parsers[name];
    const fields = right[name];
    expect(parse([...fields, "later"])).toEqual(parse(fields));
    expect(() => parse(fields.slice(0, -1))).toThrow(ProtocolError);
    for (const [i] of fields.entries()) {
      for (const wrong of [{}, -1, [{}], Number.NaN]) {
        expect(() => parse(fields.with(i, wrong))).toThrow(ProtocolError);
      }
    }
  },
);

test("no value that a codec can give makes a parser do anything but return or refuse", () => {
  const leaf = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.uint8Array());
  const value = fc.letrec((tie) => ({
    node: fc.oneof({ depthSize: "small" }, leaf, fc.array(tie("node"), { maxLength: 16 })),
  })).node;
  fc.assert(
    fc.property(value, (any) => {
      for (const parse of Object.values(parsers)) {
        try {
          parse(any);
        } catch (error) {
          if (!ProtocolError.is(error)) throw error;
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("one field of a right frame replaced by anything is read or refused, never anything else", () => {
  const names = Object.keys(parsers) as (keyof typeof parsers)[];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(14), fc.anything(), (name, index, any) => {
      const fields = right[name];
      try {
        parsers[name](fields.with(index % fields.length, any));
      } catch (error) {
        if (!ProtocolError.is(error)) throw error;
      }
    }),
    { numRuns: 300 },
  );
});

test("limits: 256 ids, 512 origins, 256 topics, a minute", () => {
  const ids = Array.from({ length: 257 }, (_, seq) => ({ origin: "a", epoch: 1, seq }));
  expect(() => parseIdList(idListFields(ids))).toThrow(ProtocolError);
  const groups = Array.from({ length: 200 }, (_, i) => [`o${i}`, 1, [1, 2]]);
  expect(() => parseIdList([groups])).toThrow(ProtocolError);
  expect(() => parseWant([Array.from({ length: 513 }, (_, i) => `o${i}`)])).toThrow(ProtocolError);
  const topics = Array.from({ length: 257 }, (_, i) => `t${i}`);
  expect(() => parseAdvertFields(advertFields({ ...advert, topics }))).toThrow(ProtocolError);
  const long = { ...broadcast, lifetimeMs: 60_001 };
  expect(() => parseBroadcastFields(broadcastFields(long))).toThrow(ProtocolError);
});
