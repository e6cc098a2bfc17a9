import { FakeClock } from "@net/core/testing";
import { NetworkTopology } from "@net/routing";
import { expect, test } from "vitest";
import { PartitionObserver } from "../../src/liveness/partition-observer.ts";

class Bench implements Disposable {
  readonly clock = new FakeClock();
  readonly topology = new NetworkTopology("me", { clock: this.clock });
  readonly observer = new PartitionObserver({
    self: "me",
    clock: this.clock,
    topology: this.topology,
  });
  readonly told: unknown[] = [];

  constructor(...neighbours: readonly string[]) {
    for (const peerId of neighbours) {
      this.topology.addPeer({ peerId });
      this.topology.observeLink(peerId, { rttMs: 1 });
    }
    this.observer.on("partition:detected", ({ lost }) => this.told.push({ lost }));
    this.observer.on("partition:healed", ({ healed, lost }) => this.told.push({ healed, lost }));
  }

  [Symbol.dispose](): void {
    this.observer[Symbol.dispose]();
    this.topology.close();
  }
}

test("losses that come one after the other are told once, when they have settled", async () => {
  using bench = new Bench("b", "c", "d");
  await bench.clock.advance(5_000);
  expect(bench.told).toEqual([]);
  bench.topology.dropLink("c");
  await bench.clock.advance(300);
  bench.topology.dropLink("b");
  await bench.clock.advance(600);
  expect(bench.told).toEqual([{ lost: ["b", "c"] }]);
  expect(bench.observer.view).toEqual({ members: ["d", "me"], lost: ["b", "c"], majority: false });

  bench.topology.observeLink("b", { rttMs: 1 });
  await bench.clock.advance(600);
  expect(bench.told[1]).toEqual({ healed: ["b"], lost: ["c"] });
  expect(bench.observer.view.majority).toBe(true);
});

test("what goes on changing is told all the same, within two seconds", async () => {
  using bench = new Bench("b", "c");
  await bench.clock.advance(5_000);
  bench.topology.dropLink("c");
  for (let each = 0; each < 8; each++) {
    bench.topology.observeLink("b", { rttMs: 10 ** (each % 4) });
    await bench.clock.advance(300);
  }
  expect(bench.told).toEqual([{ lost: ["c"] }]);
});

test("a peer that was removed is not lost", async () => {
  using bench = new Bench("b", "c");
  await bench.clock.advance(5_000);
  bench.topology.removePeer("c");
  await bench.clock.advance(5_000);
  expect(bench.told).toEqual([]);
  expect(bench.observer.view.members).toEqual(["b", "me"]);
});

test("risks are told as the topology sees them", async () => {
  using bench = new Bench("b");
  const risk = bench.observer.once("partition:risk");
  await bench.clock.advance(5_000);
  expect(await risk).toMatchObject([{ kind: "bridge", isolates: ["b"] }]);
});

test("once disposed of, it tells nothing and leaves no timer", async () => {
  using bench = new Bench("b");
  await bench.clock.advance(5_000);
  bench.observer[Symbol.dispose]();
  bench.topology.dropLink("b");
  bench.topology.close();
  await bench.clock.advance(5_000);
  expect([bench.told, bench.clock.pending]).toEqual([[], 0]);
});
