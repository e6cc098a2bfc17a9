import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { Share, SharedBandwidth } from "../../src/shaping/shared-bandwidth.ts";

const RATE = 1_000_000;
const BURST = 50_000;

/** Somebody who always has a frame to send, or as many as he is given. */
class Sender {
  sent = 0;
  frames = Number.POSITIVE_INFINITY;
  isUrgent = false;
  readonly share: Share;
  readonly #bandwidth: SharedBandwidth;
  readonly #clock: FakeClock;
  readonly #bytes: number;

  constructor(bandwidth: SharedBandwidth, clock: FakeClock, weight: number, bytes: number) {
    this.#bandwidth = bandwidth;
    this.#clock = clock;
    this.#bytes = bytes;
    this.share = new Share(weight, () => this.pump());
  }

  pump(): void {
    while (
      this.frames > 0 &&
      this.#bandwidth.mayGo(this.share, this.isUrgent, this.#clock.monotonicMs())
    ) {
      this.frames -= 1;
      this.sent += this.#bytes;
      this.#bandwidth.spend(this.share, this.#bytes, this.#clock.monotonicMs());
    }
  }
}

function setUp(): { clock: FakeClock; bandwidth: SharedBandwidth } {
  const clock = new FakeClock();
  return { clock, bandwidth: new SharedBandwidth(RATE, BURST, clock) };
}

test("whoever is alone gets all of it, and no more than rate · t + burst and a frame", async () => {
  const { clock, bandwidth } = setUp();
  const sender = new Sender(bandwidth, clock, 1, 16_000);
  sender.pump();
  expect(sender.sent).toBeLessThanOrEqual(BURST + 16_000);
  await clock.advance(2_000);
  expect(sender.sent).toBeGreaterThanOrEqual(2 * RATE);
  expect(sender.sent).toBeLessThanOrEqual(2 * RATE + BURST + 16_000);
  bandwidth.leave(sender.share);
  expect(clock.pending).toBe(0);
});

test("those who all want to send get what their weights give them, whatever their frames are", async () => {
  const { clock, bandwidth } = setUp();
  const senders = [
    new Sender(bandwidth, clock, 1, 16_384),
    new Sender(bandwidth, clock, 2, 1_000),
    new Sender(bandwidth, clock, 5, 40_000),
    new Sender(bandwidth, clock, 0.5, 100),
  ];
  for (const sender of senders) sender.pump();
  await clock.advance(10_000);
  const all = senders.reduce((sum, { sent }) => sum + sent, 0);
  expect(all).toBeGreaterThan(10 * RATE);
  for (const { sent, share } of senders) {
    expect(Math.abs(sent / all / (share.weight / 8.5) - 1)).toBeLessThan(0.05);
  }
  for (const { share } of senders) bandwidth.leave(share);
});

test("what one does not use the others get, and he saves nothing for later", async () => {
  const { clock, bandwidth } = setUp();
  const busy = new Sender(bandwidth, clock, 1, 5_000);
  const late = new Sender(bandwidth, clock, 1, 5_000);
  busy.pump();
  await clock.advance(5_000);
  expect(busy.sent).toBeGreaterThan(4.9 * RATE);
  const before = busy.sent;
  late.pump();
  await clock.advance(1_000);
  expect(late.sent / (busy.sent - before)).toBeCloseTo(1, 1);
  late.frames = 0;
  const alone = busy.sent;
  await clock.advance(1_000);
  expect(busy.sent - alone).toBeGreaterThan(0.95 * RATE);
  bandwidth.leave(busy.share);
});

test("what is urgent waits for nobody, until a burst is owed", async () => {
  const { clock, bandwidth } = setUp();
  const bulk = new Sender(bandwidth, clock, 1, 16_000);
  bulk.pump();
  const urgent = new Sender(bandwidth, clock, 1, 50);
  urgent.isUrgent = true;
  urgent.frames = 1;
  urgent.pump();
  expect(urgent.sent).toBe(50);
  urgent.frames = 100_000;
  urgent.pump();
  expect(urgent.sent).toBeLessThanOrEqual(BURST + 100);
  await clock.advance(100);
  expect(urgent.sent).toBeGreaterThan(0.4 * RATE * 0.1);
  for (const { share } of [bulk, urgent]) bandwidth.leave(share);
});

test("a thousand who share it each get their part", async () => {
  const { clock, bandwidth } = setUp();
  const senders = Array.from({ length: 1_000 }, () => new Sender(bandwidth, clock, 1, 100));
  for (const sender of senders) sender.pump();
  await clock.advance(1_000);
  const most = Math.max(...senders.slice(1).map(({ sent }) => sent));
  const least = Math.min(...senders.slice(1).map(({ sent }) => sent));
  expect(least).toBeGreaterThan(800);
  expect(most - least).toBeLessThanOrEqual(100);
  for (const { share } of senders) bandwidth.leave(share);
  expect(clock.pending).toBe(0);
});
