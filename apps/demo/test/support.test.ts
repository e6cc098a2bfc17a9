import { expect, test } from "vitest";
import { problemWith } from "../bin/support.js";

test("an old Node is told what to do, by an entry that it can read", () => {
  expect(problemWith("20.11.1", [])).toMatch(/needs Node 24 or newer; this is Node 20\.11\.1/);
  expect(problemWith("20.11.1", [])).toContain("npx -y pnpm@12 demo");
});

test("a start without the sources' condition is told so", () => {
  expect(problemWith("24.1.0", [])).toContain("--conditions=@net/source");
});

test("a fitting start has no problem", () => {
  expect(problemWith("24.1.0", ["--conditions=@net/source"])).toBeUndefined();
});
