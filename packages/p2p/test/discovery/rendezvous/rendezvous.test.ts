import { ConnectionError, silentLogger } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { Announcer } from "../../../src/discovery/announcer.ts";
import { searchNodes } from "../../../src/discovery/discover.ts";
import { readRecord } from "../../../src/discovery/record/peer-record.ts";
import { RECORD_LIFETIME } from "../../../src/discovery/record/record-issuer.ts";
import { RendezvousRegistry } from "../../../src/discovery/rendezvous/registry.ts";
import type { Rendezvous } from "../../../src/discovery/rendezvous/rendezvous.ts";

const rng = { next: () => 0.5 };

function announce(clock: FakeClock, rendezvous: Rendezvous): Promise<Announcer> {
  const address = "ws://203.0.113.7:8080";
  return Announcer.start({
    peer: { networkId: "net", peerId: "box", peerName: "box", address },
    ...{ identity: DeviceIdentity.generate(), rendezvous, clock, rng, logger: silentLogger },
  });
}

/** One that cannot be reached until it is told otherwise. */
class Flaky implements Rendezvous {
  readonly registry: RendezvousRegistry;
  isUp = false;
  calls = 0;

  constructor(clock: FakeClock) {
    this.registry = new RendezvousRegistry({ clock });
  }

  async publish(record: Uint8Array): Promise<void> {
    this.#call();
    this.registry.publish(record);
  }

  async lookup(networkId: string): Promise<readonly Uint8Array[]> {
    this.#call();
    return this.registry.lookup(networkId);
  }

  #call(): void {
    this.calls++;
    if (!this.isUp) throw new ConnectionError("it is down", { code: "CONNECTION_REFUSED" });
  }
}

test("a peer leaves its record, renews it before it runs out, and takes it back", async () => {
  const clock = new FakeClock();
  const registry = new RendezvousRegistry({ clock });
  const announcer = await announce(clock, registry);
  await clock.advance(0);
  expect(registry.lookup("net").length).toBe(1);
  await clock.advance(1.2 * RECORD_LIFETIME);
  const [bytes = new Uint8Array()] = registry.lookup("net");
  expect(clock.nowMs() - readRecord(bytes).issuedAtMs).toBeLessThanOrEqual(RECORD_LIFETIME / 2);

  await announcer.close();
  expect(registry.lookup("net")).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("a peer tries until its record is taken, and leaves without waiting for a holder that is silent", async () => {
  const clock = new FakeClock();
  const flaky = new Flaky(clock);
  const announcer = await announce(clock, flaky);
  await clock.advance(60_000);
  const failed = flaky.calls;
  flaky.isUp = true;
  await clock.advance(300_000);
  expect([flaky.registry.size, flaky.calls]).toEqual([1, failed + 1]);

  flaky.publish = () => new Promise(() => {});
  const closing = announcer.close();
  await clock.advance(2_000);
  await closing;
  expect(clock.pending).toBe(0);
});

test("peers are found by the records that somebody holds, once that somebody can be reached, and those that come later", async () => {
  const clock = new FakeClock();
  const flaky = new Flaky(clock);
  const nodes = searchNodes({ rendezvous: flaky, clock }, { rng });
  const found: string[] = [];
  const finding = (async () => {
    for await (const { peerId, source, verified } of nodes) {
      found.push(`${peerId} ${source} ${verified}`);
      if (found.length === 2) return;
    }
  })();
  await clock.advance(10_000);
  flaky.isUp = true;
  await using _box = await announce(clock, flaky);
  await clock.advance(60_000);
  expect(found).toEqual(["box rendezvous true"]);

  const late = await announce(clock, flaky);
  await clock.advance(60_000);
  await finding;
  expect(found.length).toBe(2);
  await late.close();
});

test("a search that is left asks no more", async () => {
  const clock = new FakeClock();
  const flaky = new Flaky(clock);
  const controller = new AbortController();
  const nodes = searchNodes({ rendezvous: flaky, clock, signal: controller.signal }, { rng });
  const next = nodes.next();
  await clock.advance(1);
  controller.abort();

  await expect(next).rejects.toMatchObject({ code: "ABORTED" });
  expect([flaky.calls, clock.pending]).toEqual([1, 0]);
});

test("without an identity nothing is left with a rendezvous", async () => {
  const rendezvous = new RendezvousRegistry();
  const peer = { networkId: "net", peerId: "a", peerName: "a", address: "ws://10.0.0.1:1" };
  const clock = new FakeClock();

  await expect(Announcer.start({ peer, rendezvous, clock, logger: silentLogger })).rejects.toThrow(
    "give the announcer an identity",
  );
});
