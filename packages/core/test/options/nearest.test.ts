import { assertKnown } from "@net/core/options";
import { expect, test } from "vitest";

const known = { timeout: 1, host: 1, hosts: 1, maxPayload: 1, ca: 1 };

function hint(name: string): string {
  try {
    assertKnown({ [name]: 1 }, known, "a dial");
    return "";
  } catch (error) {
    return (error as Error).message.replace(`a dial has no option ${name}: `, "");
  }
}

test.each([
  ["a letter left out", "timeot", "timeout"],
  ["a letter too many", "timeeout", "timeout"],
  ["another letter", "timeaut", "timeout"],
  ["two letters swapped", "tiemout", "timeout"],
  ["another case", "maxpayload", "maxPayload"],
  ["three slips in a long name", "mxPaylod1", "maxPayload"],
  ["the nearest of several", "hostsx", "hosts"],
])("%s is a slip: %s means %s", (_what, name, meant) => {
  expect(hint(name)).toBe(`did you mean ${meant}?`);
});

test.each([
  ["more slips than three", "maxPaxxxxyload"],
  ["more than a third of the letters", "hxxt"],
  ["one of two letters", "cb"],
  ["another word", "colour"],
  ["a name without end", "timeout".repeat(100_000)],
])("%s is none: all options are told", (_what, name) => {
  expect(hint(name)).toBe("there are timeout, host, hosts, maxPayload, ca");
});
