import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { BatchMac, LARGE_BATCH_BYTES } from "../../src/secure/batch-mac.ts";
import { Gmac } from "../../src/secure/gmac.ts";

const hex = (tag: Uint8Array): string => Buffer.from(tag).toString("hex");

function hmacTag(key: Buffer, count: bigint, batch: Buffer): string {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(count);
  return hex(createHmac("sha256", key).update(number).update(batch).digest().subarray(0, 16));
}

function gmacTag(key: Buffer, count: bigint, batch: Buffer): string {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(count, 4);
  const own = createHmac("sha256", key).update("net/p2p gmac").digest();
  const gcm = createCipheriv("aes-256-gcm", own, nonce);
  gcm.setAAD(batch).final();
  return hex(gcm.getAuthTag());
}

test("GMAC of nothing under a key of zeros is that of the GCM specification", () => {
  // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 13: AES-256, all zeros.
  const tag = new Gmac(new Uint8Array(32)).tag(0, new Uint8Array(0));
  expect(hex(tag)).toBe("530f8afbc74536b9a963b4f1c4cb738b");
});

test.each([0, 300, LARGE_BATCH_BYTES - 1, LARGE_BATCH_BYTES, 70_000])(
  "tags of batches of %i bytes count them, from 0",
  (length) => {
    const [key, batch] = [randomBytes(32), randomBytes(length)];
    const mac = new BatchMac(key);
    const tags = [mac.next(batch), mac.next(batch)].map(hex);
    const tagOf = length < LARGE_BATCH_BYTES ? hmacTag : gmacTag;

    expect(tags).toEqual([0n, 1n].map((count) => tagOf(key, count, batch)));
  },
);

test.each([50, 50_000])(
  "a batch of %i bytes that was altered, repeated or left out does not fit",
  (length) => {
    const key = randomBytes(32);
    const batches = [1, 2, 3].map((n) => Buffer.alloc(length, n));
    const sender = new BatchMac(key);
    const tags = batches.map((batch) => sender.next(batch));
    const check = (...order: readonly [batch: number, tag: number][]): void => {
      const receiver = new BatchMac(key);
      for (const [batch, tag] of order) {
        receiver.check(batches[batch] as Buffer, tags[tag] as Uint8Array);
      }
    };

    check([0, 0], [1, 1], [2, 2]);
    expect(() => check([1, 0])).toThrow("not authentic");
    expect(() => check([0, 0], [0, 0])).toThrow("not authentic");
    expect(() => check([0, 0], [2, 2])).toThrow("not authentic");
  },
);
