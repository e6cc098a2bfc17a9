import { ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { resolveTargets } from "../../src/scan/targets.ts";
import type { Lookup } from "../../src/tcp/lookup.ts";

const lookup: Lookup = async (host) =>
  host === "db.test" ? [{ address: "10.0.0.7", family: 4 }] : [];

async function addresses(...specs: string[]): Promise<string[]> {
  const targets = await resolveTargets(specs, { maxHosts: 300, lookup });
  return targets.map(({ address }) => address);
}

test("addresses are taken as they are, names as their first address, each once", async () => {
  expect(await addresses("10.0.0.7", "db.test", "::1")).toEqual(["10.0.0.7", "::1"]);
  const [named] = await resolveTargets(["db.test"], { maxHosts: 1, lookup });
  expect(named).toEqual({ host: "db.test", address: "10.0.0.7" });
});

test("a range is all of its addresses, wherever in it the address given lies", async () => {
  expect(await addresses("10.0.0.6/30")).toEqual(["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]);
  expect(await addresses("192.168.1.9/32")).toEqual(["192.168.1.9"]);
  expect(await addresses("10.0.255.0/24")).toHaveLength(256);
  expect(await addresses("fd00::ffff/127")).toEqual(["fd00::fffe", "fd00::ffff"]);
  expect(await addresses("fd00:0:0:1::/128")).toEqual(["fd00:0:0:1::"]);
  expect(await addresses("::ffff:10.0.0.1/127")).toEqual(["::ffff:10.0.0.0", "::ffff:10.0.0.1"]);
});

test.each([
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0/8",
  "::1/129",
  "fe80::1%lo/120",
  "db.test/24",
  "10.0.0.0/8/8",
  "1.2.3",
  "a b",
  "",
])("%j is no target", async (spec) => {
  await expect(addresses(spec)).rejects.toThrow(ValidationError);
});

test("too many addresses are refused before any is made", async () => {
  await expect(addresses("10.0.0.0/8")).rejects.toThrow(
    /16777216 addresses, over the limit of 300/,
  );
  await expect(addresses("::/0")).rejects.toThrow(ValidationError);
  await expect(addresses("10.0.0.0/24", "10.0.1.0/24")).rejects.toThrow(/maxHosts/);
});

test("no target at all, and a name without an address, are mistakes", async () => {
  await expect(addresses()).rejects.toThrow(/name at least one/);
  await expect(addresses("none.test")).rejects.toThrow(/has no address/);
});
