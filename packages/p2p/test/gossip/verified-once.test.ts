import { expect, test } from "vitest";
import { verifiedOnce } from "../../src/gossip/verified-once.ts";

const key = Uint8Array.of(1);
const bytes = Uint8Array.of(2);
const signature = Uint8Array.of(3);

function counting(isRight: boolean) {
  let calls = 0;
  const verify = verifiedOnce(() => {
    calls += 1;
    return isRight;
  }, 2);
  return { verify, calls: () => calls };
}

test("what was right is not verified again, also of copies", () => {
  const { verify, calls } = counting(true);
  expect(verify(key, bytes, signature)).toBe(true);
  expect(verify(key.slice(), bytes.slice(), signature.slice())).toBe(true);
  expect(calls()).toBe(1);
});

test("a signature that was right counts for no other key, and for no other bytes", () => {
  const { verify, calls } = counting(true);
  verify(key, bytes, signature);
  verify(Uint8Array.of(9), bytes, signature);
  verify(key, Uint8Array.of(9), signature);
  expect(calls()).toBe(3);
});

test("what was wrong is looked at again", () => {
  const { verify, calls } = counting(false);
  expect(verify(key, bytes, signature)).toBe(false);
  expect(verify(key, bytes, signature)).toBe(false);
  expect(calls()).toBe(2);
});

test("only so many are remembered: the oldest is forgotten", () => {
  const { verify, calls } = counting(true);
  for (const each of [1, 2, 3, 1]) verify(key, bytes, Uint8Array.of(each));
  expect(calls()).toBe(4);
});
