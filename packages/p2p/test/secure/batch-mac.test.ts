import { createCipheriv, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { BatchMac } from "../../src/secure/batch-mac.ts";

const hex = (tag: Uint8Array): string => Buffer.from(tag).toString("hex");

test("the first tag of nothing under a key of zeros is that of the GCM specification", () => {
  // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 13: AES-256, all zeros.
  const tag = new BatchMac(new Uint8Array(32)).next(new Uint8Array(0));
  expect(hex(tag)).toBe("530f8afbc74536b9a963b4f1c4cb738b");
});

test.each([0, 1, 300, 70_000])("tags of batches of %i bytes count them, from 0", (length) => {
  const [key, batch] = [randomBytes(32), randomBytes(length)];
  const mac = new BatchMac(key);
  const tags = [mac.next(batch), mac.next(batch)].map(hex);
  const expected = [0n, 1n].map((count) => {
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64BE(count, 4);
    const gcm = createCipheriv("aes-256-gcm", key, nonce);
    gcm.setAAD(batch).final();
    return hex(gcm.getAuthTag());
  });

  expect(tags).toEqual(expected);
  expect(tags[0]).not.toBe(tags[1]);
});

test("a batch that was altered, repeated or left out does not fit", () => {
  const key = randomBytes(32);
  const batches = [1, 2, 3].map((n) => Buffer.alloc(50, n));
  const sender = new BatchMac(key);
  const tags = batches.map((batch) => sender.next(batch));
  const check = (...order: readonly [batch: number, tag: number][]) => {
    const receiver = new BatchMac(key);
    for (const [batch, tag] of order) {
      receiver.check(batches[batch] as Buffer, tags[tag] as Uint8Array);
    }
  };

  check([0, 0], [1, 1], [2, 2]);
  expect(() => check([1, 0])).toThrow("not authentic");
  expect(() => check([0, 0], [0, 0])).toThrow("not authentic");
  expect(() => check([0, 0], [2, 2])).toThrow("not authentic");
});
