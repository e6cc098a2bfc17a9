import { AbortedError } from "@net/core";
import { expect, test } from "vitest";
import { Passwords } from "../../src/accounts/passwords.ts";

const signal = new AbortController().signal;

test("a hash is argon2id at the cost that OWASP names, salted, and matches its password only", async () => {
  const passwords = new Passwords({ minLength: 12, signal });
  const hash = await passwords.hash("correct horse battery");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.hash("correct horse battery")).not.toBe(hash);
  expect(await passwords.matches(hash, "correct horse battery")).toBe(true);
  expect(await passwords.matches(hash, "correct horse batterz")).toBe(false);
});

test("no password matches an account that does not exist", async () => {
  const passwords = new Passwords({ minLength: 12, signal });
  expect(await passwords.matches(undefined, "correct horse battery")).toBe(false);
});

test("once the server closes nothing is hashed any more", async () => {
  const closing = new AbortController();
  const passwords = new Passwords({ minLength: 12, signal: closing.signal });
  closing.abort();
  await expect(passwords.hash("correct horse battery")).rejects.toThrow(AbortedError);
});
