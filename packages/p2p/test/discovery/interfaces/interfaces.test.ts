import type { NetworkInterfaceInfo } from "node:os";
import { ConnectionError, silentLogger } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import {
  listInterfaces,
  type NetInterface,
  selectInterfaces,
} from "../../../src/discovery/interfaces/net-interface.ts";
import { PerInterface } from "../../../src/discovery/interfaces/per-interface.ts";
import { isReachableFrom, reachableAddresses } from "../../../src/discovery/reachable.ts";
import { fakeInterface } from "../../support/mdns.ts";

function v4(
  address: string,
  netmask: string,
  prefix: number,
  internal = false,
): NetworkInterfaceInfo {
  return {
    ...{ address, netmask, internal },
    family: "IPv4",
    mac: "",
    cidr: `${address}/${prefix}`,
  };
}

function v6(address: string, internal = false): NetworkInterfaceInfo {
  const base = { address, netmask: "", internal, mac: "", scopeid: 2 };
  return { ...base, family: "IPv6", cidr: `${address}/64` };
}

const list = listInterfaces({
  lo: [v4("127.0.0.1", "255.0.0.0", 8, true), { ...v6("::1", true), cidr: "::1/128" }],
  eth0: [v4("192.168.1.7", "255.255.255.0", 24), v6("fd00::7"), v6("fe80::7")],
  wlan0: [v6("fe80::8")],
});

function find(name: string, family: 4 | 6): NetInterface {
  const found = list.find((each) => each.name === name && each.family === family);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

test("each interface is there once for each family, with all its addresses", () => {
  expect(list.map(({ name, family, joinBy }) => [name, family, joinBy])).toEqual([
    ["lo", 4, "127.0.0.1"],
    ["lo", 6, "::%lo"],
    ["eth0", 4, "192.168.1.7"],
    ["eth0", 6, "::%eth0"],
    ["wlan0", 6, "::%wlan0"],
  ]);
  expect(find("eth0", 4).addresses).toEqual(["192.168.1.7", "fd00::7", "fe80::7"]);
  expect(find("eth0", 4).broadcast).toBe("192.168.1.255");
  expect(find("lo", 4).broadcast).toBe("127.255.255.255");
});

test.each([
  ["eth0", 4, "192.168.1.200", true],
  ["eth0", 4, "192.168.2.200", false],
  ["eth0", 4, "127.0.0.1", false],
  ["eth0", 4, "fe80::9%eth0", false],
  ["eth0", 6, "fe80::9%eth0", true],
  ["eth0", 6, "fe80::9%wlan0", false],
  ["eth0", 6, "fd00::9", true],
  ["eth0", 6, "fd01::9", false],
  ["eth0", 6, "192.168.1.200", false],
  ["lo", 4, "127.0.0.9", true],
  ["lo", 4, "192.168.1.7", false],
] as const)(
  "on %s, IPv%i, a packet of %s is from the link: %s",
  (name, family, sender, expected) => {
    expect(find(name, family).isOnLink(sender)).toBe(expected);
  },
);

test("an interface is chosen by its name, in both families, or by an address, in one", () => {
  const chosen = (...wanted: string[]): string[] =>
    selectInterfaces(list, wanted).map(({ name, family }) => `${name} ${family}`);

  expect(chosen("eth0")).toEqual(["eth0 4", "eth0 6"]);
  expect(chosen("192.168.1.7", "fe80::8")).toEqual(["eth0 4", "wlan0 6"]);
  expect(chosen("eth9")).toEqual([]);
  expect(selectInterfaces(list, "all")).toEqual(list);
});

test.each([
  ["ws://10.9.9.9:1", ["ws://10.9.9.9:1"]],
  ["ws://0.0.0.0:8080", ["ws://192.168.1.7:8080"]],
  ["ws://[::]:8080/mesh", ["ws://192.168.1.7:8080/mesh", "ws://[fd00::7]:8080/mesh"]],
])("a peer that listens at %s is dialled at %j", (address, expected) => {
  expect(reachableAddresses(address, "all", list)).toEqual(expected);
});

test("a peer that is told of on this machine only is dialled there", () => {
  expect(reachableAddresses("ws://0.0.0.0:1", ["127.0.0.1"], list)).toEqual(["ws://127.0.0.1:1"]);
  expect(isReachableFrom(find("lo", 4), ["ws://127.0.0.1:1"])).toBe(true);
  expect(isReachableFrom(find("eth0", 4), ["ws://127.0.0.1:1"])).toBe(false);
  expect(isReachableFrom(find("eth0", 4), ["ws://192.168.1.7:1"])).toBe(true);
});

interface OpenedKey {
  readonly key: string;
  close(): Promise<void>;
}

/** What is open on interfaces that the test makes come and go. */
class Opener {
  readonly clock = new FakeClock();
  readonly log: string[] = [];
  now: readonly NetInterface[] = [];
  failing = new Set<string>();
  /** Breaks what was opened last. */
  break: () => void = () => {};
  /** Called while something is opened. */
  opening: () => void = () => {};

  start(): Promise<PerInterface<OpenedKey>> {
    return PerInterface.start<OpenedKey>({
      ...{ wanted: "all", clock: this.clock, logger: silentLogger, list: () => this.now },
      open: async ({ key }, onBroken) => {
        this.break = onBroken;
        this.opening();
        if (this.failing.has(key)) throw new ConnectionError(`${key} has no multicast`);
        this.log.push(`+${key}`);
        return { key, close: async (): Promise<void> => void this.log.push(`-${key}`) };
      },
      onOpened: ({ key }) => this.log.push(`opened ${key}`),
      onGone: ({ key }) => this.log.push(`gone ${key}`),
    });
  }
}

test("interfaces that come and go are noticed within 2 s", async () => {
  const opener = new Opener();
  opener.now = [fakeInterface("10.0.0.1", { key: "a" })];
  const all = await opener.start();
  opener.now = [fakeInterface("10.0.0.2", { key: "b" })];
  await opener.clock.advance(2_000);
  expect(opener.log).toEqual(["+a", "opened a", "-a", "gone a", "+b", "opened b"]);
  await Promise.all([all.close(), all.close()]);
  expect(opener.log.slice(6)).toEqual(["-b"]);
  expect(opener.clock.pending).toBe(0);
});

test("an interface that cannot be used is tried again, and the others count", async () => {
  const opener = new Opener();
  opener.now = [fakeInterface("10.0.0.1", { key: "a" }), fakeInterface("10.0.0.2", { key: "b" })];
  opener.failing.add("a");
  await using _all = await opener.start();
  expect(opener.log).toEqual(["+b", "opened b"]);
  opener.failing.clear();
  await opener.clock.advance(2_000);
  expect(opener.log.slice(2)).toEqual(["+a", "opened a"]);
});

test("where none can be used it is said why, and nothing stays open", async () => {
  const opener = new Opener();
  await expect(opener.start()).rejects.toMatchObject({ code: "ADDRESS_UNAVAILABLE" });
  opener.now = [fakeInterface("10.0.0.1", { key: "a" })];
  opener.failing.add("a");
  await expect(opener.start()).rejects.toThrow("a has no multicast");
  expect(opener.clock.pending).toBe(0);
});

test("what broke is opened again", async () => {
  const opener = new Opener();
  opener.now = [fakeInterface("10.0.0.1", { key: "a" })];
  await using _all = await opener.start();
  opener.break();
  await opener.clock.advance(2_000);

  expect(opener.log).toEqual(["+a", "opened a", "-a", "gone a", "+a", "opened a"]);
});

test("an interface that comes while all is closed is closed too", async () => {
  const opener = new Opener();
  opener.now = [fakeInterface("10.0.0.1", { key: "a" })];
  const all = await opener.start();
  opener.now = [...opener.now, fakeInterface("10.0.0.2", { key: "b" })];
  opener.opening = () => void all.close();
  await all.look();
  await all.close();

  expect(opener.log).toEqual(["+a", "opened a", "+b", "-b", "-a"]);
});

test("a machine that has slept begins anew everywhere", async () => {
  const opener = new Opener();
  opener.now = [fakeInterface("10.0.0.1", { key: "a" })];
  const { clock } = opener;
  const nowMs = clock.nowMs.bind(clock);
  let sleptMs = 0;
  clock.nowMs = () => nowMs() + sleptMs;
  await using _all = await opener.start();
  await clock.advance(10_000);
  sleptMs = 60_000;
  await clock.advance(2_000);

  expect(opener.log).toEqual(["+a", "opened a", "-a", "gone a", "+a", "opened a"]);
});
