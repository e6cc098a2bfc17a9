import { expect, test } from "vitest";
import { mostTelling } from "../../src/tcp/attempt-errors.ts";

const failure = (code: string, address = "127.0.0.1"): Error =>
  Object.assign(new Error(code), { code, address });

test("one error is itself, several are one AggregateError", () => {
  const refused = failure("ECONNREFUSED");
  expect(mostTelling([refused])).toBe(refused);
  expect(mostTelling([refused, refused])).toBeInstanceOf(AggregateError);
});

test.each([
  { what: "a refusal says more than a missing way", first: "ECONNREFUSED", second: "ENETUNREACH" },
  { what: "out of file handles, the port was not asked", first: "EMFILE", second: "ECONNREFUSED" },
  { what: "a silent name server is no missing name", first: "EAI_AGAIN", second: "ENOTFOUND" },
  { what: "out of ports, the port was not asked", first: "EADDRNOTAVAIL", second: "ECONNREFUSED" },
])("$what", ({ first, second }) => {
  for (const order of [
    [failure(first), failure(second)],
    [failure(second), failure(first)],
  ]) {
    expect(mostTelling(order)).toMatchObject({ errors: [{ code: first }, { code: second }] });
  }
});

test("no IPv6 address to ask from is a missing way", () => {
  const errors = [failure("EADDRNOTAVAIL", "::1"), failure("ECONNREFUSED")];
  expect(mostTelling(errors)).toMatchObject({ errors: [{ code: "ECONNREFUSED" }, {}] });
});
