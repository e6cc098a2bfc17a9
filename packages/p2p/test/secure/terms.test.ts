import { ProtocolError, seededRng } from "@net/core";
import { expect, test } from "vitest";
import { DEFAULT_CHANNEL_POLICY } from "../../src/secure/channel-policy.ts";
import { type ChannelTerms, encodeTerms, ownTerms, readTerms } from "../../src/secure/terms.ts";

const binding = new Uint8Array(32).fill(7);
const plain: ChannelTerms = {
  ...{ plaintext: false, keepsIdentity: false, signing: "none", binding: new Uint8Array(0) },
};

test.each<[string, ChannelTerms, string]>([
  ["nothing asked for", plain, "020000"],
  [
    "a key that is kept, and a secret",
    { ...plain, keepsIdentity: true, signing: "secret" },
    "020201",
  ],
  [
    "a TLS channel, and a key that signs",
    { ...plain, signing: "identity", binding },
    `220002${"07".repeat(32)}`,
  ],
  ["no need of encryption", { ...plain, plaintext: true }, "020100"],
])("with %s, the terms of a link are written as they are read", (_what, terms, hex) => {
  const encoded = encodeTerms(terms);

  expect(Buffer.from(encoded).toString("hex")).toBe(hex);
  const read = readTerms(Buffer.concat([encoded, Buffer.from("rest")]));
  expect(read.terms).toEqual(terms);
  expect(Buffer.from(read.rest).toString()).toBe("rest");
});

test("what later versions say more is passed over where it is a flag", () => {
  expect(readTerms(Buffer.from("02ff00", "hex")).terms).toMatchObject({ signing: "none" });
});

test.each([
  "",
  "00",
  "01",
  "0100",
  "0200",
  "020003",
  "030000ff",
  `210000${"07".repeat(31)}`,
  "22000007",
])("%s are no terms", (hex) => {
  expect(() => readTerms(Buffer.from(hex, "hex"))).toThrow(ProtocolError);
});

test("whatever comes, it is terms or a protocol error", () => {
  const rng = seededRng(5);
  for (let round = 0; round < 2_000; round++) {
    const bytes = Uint8Array.from({ length: Math.floor(rng.next() * 40) }, () => rng.next() * 256);
    try {
      expect(readTerms(bytes).terms.binding.length % 32).toBe(0);
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError);
    }
  }
});

test("an end tells the TLS channel below unless it is not to count", () => {
  const below = {
    remoteAddress: "wss://10.0.0.1/",
    security: { encrypted: true, channelBinding: binding },
  };

  expect(ownTerms(DEFAULT_CHANNEL_POLICY, below).binding).toEqual(binding);
  const off = { ...DEFAULT_CHANNEL_POLICY, channelBinding: "off" } as const;
  expect(ownTerms(off, below).binding).toHaveLength(0);
});
