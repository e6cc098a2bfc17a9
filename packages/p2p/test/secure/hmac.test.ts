import { createHmac, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { Hmac } from "../../src/secure/hmac.ts";

test.each([
  // RFC 4231, test cases 1, 2 and 6.
  ["0b".repeat(20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
  [
    Buffer.from("Jefe").toString("hex"),
    "what do ya want for nothing?",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  [
    "aa".repeat(131),
    "Test Using Larger Than Block-Size Key - Hash Key First",
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
])("the HMAC of RFC 4231 with the key %s", (key, message, digest) => {
  const hmac = new Hmac(Buffer.from(key, "hex"));
  const bytes = Buffer.from(message);

  expect(hmac.digest(bytes).toString("hex")).toBe(digest);
  expect(hmac.digest(bytes.subarray(0, 3), bytes.subarray(3)).toString("hex")).toBe(digest);
});

test.each([1, 31, 32, 63, 64, 65, 200])(
  "with a key of %i bytes it is what Node makes",
  (length) => {
    const [key, message] = [randomBytes(length), randomBytes(40)];
    const hmac = new Hmac(key);

    expect(hmac.digest(message)).toEqual(createHmac("sha256", key).update(message).digest());
  },
);
