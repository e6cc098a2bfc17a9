import { readFileSync } from "node:fs";
import { DeviceIdentity } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isExpired,
  MAX_RECORD_BYTES,
  readRecord,
  signRecord,
} from "../../../src/discovery/record/peer-record.ts";
import { RECORD_LIFETIME, RecordIssuer } from "../../../src/discovery/record/record-issuer.ts";
import { packTexts, unpackTexts } from "../../../src/discovery/record/texts.ts";

const identity = DeviceIdentity.generate();
const addresses = ["ws://10.0.0.1:8080", "ws://[fd00::1]:8080"];
const claims = { networkId: "home", peerId: "gpu-box", peerName: "The box", addresses };
const validity = { issuedAtMs: 1_000, expiresAtMs: 2_000 };

/** The strings of a record, changed, and put together again. */
function changed(change: (texts: string[]) => string[]): Uint8Array {
  const { bytes } = signRecord(claims, validity, identity);
  return packTexts(change((unpackTexts(bytes) ?? []).map((text) => Buffer.from(text).toString())));
}

interface Vector {
  readonly privateKeyPem: string;
  readonly claims: typeof claims;
  readonly validity: typeof validity;
  readonly texts: readonly string[];
  readonly record: string;
}

test("a record is what PROTOCOL.md says, byte for byte", () => {
  const path = new URL("../vectors/peer-record.json", import.meta.url);
  const vector = JSON.parse(readFileSync(path, "utf8")) as Vector;
  const device = DeviceIdentity.fromPem(vector.privateKeyPem);
  const { bytes } = signRecord(vector.claims, vector.validity, device);

  expect(Buffer.from(bytes).toString("hex")).toBe(vector.record);
  expect(unpackTexts(bytes)?.map((text) => Buffer.from(text).toString())).toEqual(vector.texts);
  expect(readRecord(Buffer.from(vector.record, "hex"))).toMatchObject({
    ...vector.claims,
    ...vector.validity,
  });
});

test("what is signed is what is read, with the key that signed it", () => {
  const { bytes } = signRecord(claims, validity, identity);

  expect(readRecord(bytes)).toMatchObject({
    ...{ ...claims, ...validity },
    publicKey: identity.publicKey,
  });
});

test.each([
  ["another's address", (texts: string[]) => texts.map((t) => t.replace("10.0.0.1", "10.6.6.6"))],
  ["a longer life", (texts: string[]) => texts.map((t) => t.replace("exp=2000", "exp=9000"))],
  [
    "an address more",
    (texts: string[]) => [...texts.slice(0, 5), "a2=ws://10.6.6.6:1", ...texts.slice(5)],
  ],
  ["something behind the signature", (texts: string[]) => [...texts, "a2=ws://10.6.6.6:1"]],
  ["another order", ([a = "", b = "", ...rest]: string[]) => [b, a, ...rest]],
  ["no signature", (texts: string[]) => texts.slice(0, -1)],
  ["a signature that is none", (texts: string[]) => [...texts.slice(0, -1), "sig=AAAA"]],
  [
    "another device's key",
    (texts: string[]) =>
      texts.map((t) =>
        t.startsWith("key=")
          ? `key=${Buffer.from(DeviceIdentity.generate().publicKey).toString("base64url")}`
          : t,
      ),
  ],
])("a record with %s is not its device's", (_, change) => {
  expect(() => readRecord(changed(change))).toThrow(
    expect.objectContaining({ code: "AUTHENTICATION_FAILED" }),
  );
});

test.each([
  ["without a key", (texts: string[]) => texts.filter((t) => !t.startsWith("key="))],
  ["without a time", (texts: string[]) => texts.filter((t) => !t.startsWith("exp="))],
  [
    "of another version",
    (texts: string[]) => texts.map((t) => t.replace("txtvers=1", "txtvers=2")),
  ],
  [
    "with an id that is none",
    (texts: string[]) => texts.map((t) => t.replace("id=gpu-box", "id=a\n")),
  ],
  [
    "with an address that is none",
    (texts: string[]) => texts.map((t) => t.replace("ws://[", "x[")),
  ],
])("%s it is no record", (_, change) => {
  expect(() => readRecord(changed(change))).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});

test("whatever bytes come, they are a record or a clear error", () => {
  const { bytes } = signRecord(claims, validity, identity);
  const mutated = fc
    .tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, mask]) => bytes.map((byte, i) => (i === at ? byte ^ mask : byte)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 1_200 }), mutated), (input) => {
      expect(() => readRecord(input)).toThrow(
        expect.objectContaining({
          code: expect.stringMatching(/^(INVALID_ARGUMENT|AUTHENTICATION_FAILED)$/),
        }),
      );
    }),
    { numRuns: 200 },
  );
});

test.each([
  [
    "more addresses than it holds",
    { addresses: Array<string>(9).fill("ws://10.0.0.1:1") },
    "at most 8",
  ],
  ["an address without a port", { addresses: ["memory:a"] }, "cannot be announced"],
  ["a name that fits no string", { peerName: "\u{1f44b}".repeat(64) }, "announced: over 255"],
  ["no name", { peerName: "" }, "a name"],
  [
    "addresses that are too long together",
    { addresses: Array.from({ length: 8 }, (_, i) => `ws://${"x".repeat(150)}${i}:1`) },
    `at most ${MAX_RECORD_BYTES} bytes`,
  ],
])("a record with %s cannot be signed", (_, changes, message) => {
  expect(() => signRecord({ ...claims, ...changes }, validity, identity)).toThrow(message);
});

test("a record runs out at its time, and one that claims more than a week is none", () => {
  const week = 7 * 24 * 3_600_000;

  expect(isExpired({ issuedAtMs: 0, expiresAtMs: 1_000 }, 999)).toBe(false);
  expect(isExpired({ issuedAtMs: 0, expiresAtMs: 1_000 }, 1_000)).toBe(true);
  expect(isExpired({ issuedAtMs: 0, expiresAtMs: week }, 1)).toBe(false);
  expect(isExpired({ issuedAtMs: 0, expiresAtMs: week + 1 }, 1)).toBe(true);
});

test("each record of a device is later than the one before, also within a millisecond", () => {
  const clock = new FakeClock();
  const issuer = new RecordIssuer(identity, clock);
  const [one, two] = [issuer.issue(claims), issuer.issue(claims)];

  expect(one).toMatchObject({
    issuedAtMs: clock.nowMs(),
    expiresAtMs: clock.nowMs() + RECORD_LIFETIME,
  });
  expect(two.issuedAtMs).toBe(one.issuedAtMs + 1);
  expect(issuer.withdraw(claims).addresses).toEqual([]);
});

test("texts that are cut off are none", () => {
  const packed = packTexts(["a=b", "c=d"]);

  expect(unpackTexts(packed)?.length).toBe(2);
  expect(unpackTexts(packed.subarray(0, -1))).toBeUndefined();
});
