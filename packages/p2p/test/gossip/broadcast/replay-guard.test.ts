import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { ReplayGuard } from "../../../src/gossip/broadcast/replay-guard.ts";

const id = (seq: number, epoch = 5) => ({ origin: "a", epoch, seq });

test("nothing is fresh before its origin has advertised itself, or that start of it", () => {
  const guard = new ReplayGuard(new FakeClock());
  expect(guard.judge(id(1))).toBe("unknown");
  guard.advertised("a", 5, 0);

  expect(guard.judge(id(1))).toBe("fresh");
  expect(guard.judge(id(1, 6))).toBe("unknown");
  expect(guard.judge(id(1, 4))).toBe("seen");
});

test("what was sent before the origin was first heard of counts as seen", () => {
  const guard = new ReplayGuard(new FakeClock());
  guard.advertised("a", 5, 7);

  expect([7, 8].map((seq) => guard.judge(id(seq)))).toEqual(["seen", "fresh"]);
});

test("a broadcast is fresh once", () => {
  const guard = new ReplayGuard(new FakeClock());
  guard.advertised("a", 5, 0);
  guard.add(id(3));

  expect([2, 3, 4].map((seq) => guard.judge(id(seq)))).toEqual(["fresh", "seen", "fresh"]);
});

test("a minute after an advert, what it says was sent by then is over", async () => {
  const clock = new FakeClock();
  const guard = new ReplayGuard(clock);
  guard.advertised("a", 5, 0);
  await clock.advance(60_000);
  guard.advertised("a", 5, 4);
  await clock.advance(59_999);
  expect(guard.judge(id(4))).toBe("fresh");
  await clock.advance(1);

  expect([4, 5].map((seq) => guard.judge(id(seq)))).toEqual(["seen", "fresh"]);
});

test("a restart of the origin begins anew, and ends what was before", () => {
  const guard = new ReplayGuard(new FakeClock());
  guard.advertised("a", 5, 0);
  guard.add(id(1));
  guard.advertised("a", 6, 0);

  expect(guard.judge(id(1, 6))).toBe("fresh");
  expect(guard.judge(id(2, 5))).toBe("seen");
});

test("an origin that is gone is remembered for fifteen minutes, and then makes room", async () => {
  const clock = new FakeClock();
  const guard = new ReplayGuard(clock);
  guard.advertised("a", 5, 0);
  guard.add(id(1));
  guard.gone("a");
  await clock.advance(14 * 60_000);
  guard.gone("other");
  expect(guard.judge(id(1))).toBe("seen");
  await clock.advance(61_000);
  guard.gone("other");

  expect(guard.size).toBe(0);
});
