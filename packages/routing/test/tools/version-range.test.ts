import { ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { isVersion, versionRange } from "../../src/tools/version-range.ts";

/** What npm's own library says of these, checked by hand against its documentation. */
test.each<[range: string, inside: string[], outside: string[]]>([
  ["1.2.3", ["1.2.3", "1.2.3+build"], ["1.2.4", "1.2.3-rc.1"]],
  ["=1.2.3", ["1.2.3"], ["1.2.2"]],
  ["^1.2.3", ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0", "2.0.0-rc.1"]],
  ["^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0", "0.2.2"]],
  ["^0.0.3", ["0.0.3"], ["0.0.4"]],
  ["^0.0", ["0.0.0", "0.0.9"], ["0.1.0"]],
  ["^1", ["1.0.0", "1.9.9"], ["2.0.0", "0.9.9"]],
  ["~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0", "1.2.2"]],
  ["~1", ["1.0.0", "1.9.9"], ["2.0.0"]],
  ["1.x", ["1.0.0", "1.9.9"], ["2.0.0"]],
  ["1.2", ["1.2.0", "1.2.9"], ["1.3.0"]],
  ["*", ["0.0.0", "9.9.9"], ["1.0.0-rc.1", "nonsense", ""]],
  ["", ["1.0.0"], ["x"]],
  [">=1.2.0 <2.0.0", ["1.2.0", "1.9.9"], ["2.0.0", "1.1.9"]],
  [">1.2", ["1.3.0"], ["1.2.9", "1.2.0"]],
  ["<=1.2", ["1.2.9", "1.0.0"], ["1.3.0"]],
  [">1.2.3", ["1.2.4"], ["1.2.3"]],
  ["<=1.2.3", ["1.2.3"], ["1.2.4"]],
  ["1.x || >=3.0.0", ["1.5.0", "3.0.0"], ["2.0.0"]],
  [
    "^1.2.3-beta.2",
    ["1.2.3-beta.2", "1.2.3-beta.10", "1.2.3", "1.3.0"],
    ["1.2.3-beta.1", "1.2.3-alpha", "1.3.0-rc"],
  ],
  [">=1.0.0-alpha.beta", ["1.0.0-beta", "1.0.0-alpha.beta.1"], ["1.0.0-alpha.1", "1.0.0-alpha"]],
])("%s holds %j, not %j", (range, inside, outside) => {
  const holds = versionRange(range);
  expect(inside.filter((version) => !holds(version))).toEqual([]);
  expect(outside.filter((version) => holds(version))).toEqual([]);
});

test.each([
  "latest",
  "1.2.3-a..b",
  5 as never,
  "1.2.3.4",
  ">>1",
  "01.2.3",
  "^",
  "1 -",
  "x".repeat(300),
])("%s is no range", (range) => {
  expect(() => versionRange(range)).toThrow(ValidationError);
});

test("versions are those of semver.org", () => {
  const good = ["1.2.3", "0.0.0", "1.0.0-rc.1+5", "1.0.0-0", "1.0.0-0a.-.x-y", "1.0.0+01.a-"];
  expect(good.filter((text) => !isVersion(text))).toEqual([]);
  const bad = ["1.2", "v1.2.3", "1.2.3-", "01.0.0", "1.0.0-a..b", "1.0.0-01", "1.0.0+", "1.0.0+a."];
  expect(bad.filter(isVersion)).toEqual([]);
});
