import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { type NetworkChange, NetworkWatch } from "../../src/liveness/network-watch.ts";

const loopback = { address: "127.0.0.1", internal: true };

test("addresses that come and go are told within a second; loopback is of no interest", async () => {
  const clock = new FakeClock();
  let now = [loopback, { address: "192.0.2.1", internal: false }];
  const changes: NetworkChange[] = [];
  const watch = new NetworkWatch({ clock, interfaces: () => now });
  watch.on("changed", (change) => changes.push(change));
  await clock.advance(5_000);
  now = [{ address: "192.0.2.1", internal: false }];
  await clock.advance(1_000);
  expect(changes).toEqual([]);

  now = [{ address: "198.51.100.7", internal: false }];
  await clock.advance(1_000);
  expect(changes).toEqual([{ added: ["198.51.100.7"], removed: ["192.0.2.1"] }]);
  now = [];
  watch.look();
  expect(changes.at(-1)).toEqual({ added: [], removed: ["198.51.100.7"] });
  watch[Symbol.dispose]();
  watch[Symbol.dispose]();
  expect(clock.pending).toBe(0);
});

test("by default it looks at this machine's interfaces", () => {
  using watch = new NetworkWatch({ clock: new FakeClock() });
  expect(() => watch.look()).not.toThrow();
});
