import { settle } from "@net/core/testing";
import type { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import {
  decodeRouted,
  encodeRouted,
  encodeRoutedHeader,
  RoutedFlag,
} from "../../src/wire/routed.ts";
import { EvilRelay, type Mischief } from "../support/evil-relay.ts";
import { TestNetwork } from "../support/test-network.ts";

interface Scene {
  readonly caller: PeerNetwork;
  readonly relay: EvilRelay;
  /** The arguments with which the tool ran. */
  readonly ran: unknown[];
}

/** A caller and a target that know each other through somebody who should not be trusted. */
async function scene(net: TestNetwork): Promise<Scene> {
  const [caller, target] = await Promise.all([net.peer("caller"), net.peer("target")]);
  const ran: unknown[] = [];
  target.registerTool({ name: "count" }, (value) => {
    ran.push(value);
    return value;
  });
  const relay = await EvilRelay.between(net, "evil", "caller", "target");
  return { caller, relay, ran };
}

/** Frames of an agreed session, so that a handshake is not what fails. */
const AFTER_HANDSHAKE = 8;

test("an adversary that relays honestly is a relay", async () => {
  await using net = new TestNetwork();
  const { caller, ran } = await scene(net);

  expect(await caller.call("target", "count", 1)).toMatchObject({ value: 1, hops: 2 });
  expect(ran).toEqual([1]);
});

const tampered = (frame: Uint8Array): Uint8Array => {
  const changed = frame.slice();
  changed[changed.length - 3] = (changed.at(-3) ?? 0) ^ 1;
  return changed;
};
const every =
  (nth: number, then: (frame: Uint8Array) => readonly Uint8Array[]): Mischief =>
  (frame, count) =>
    count > AFTER_HANDSHAKE && count % nth === 0 ? then(frame) : [frame];

const reordering = (): Mischief => {
  let held: Uint8Array | undefined;
  return (frame, count) => {
    if (count <= AFTER_HANDSHAKE) return [frame];
    const before = held;
    held = before ? undefined : frame;
    return before ? [frame, before] : [];
  };
};

test.each<[string, () => Mischief]>([
  ["drops frames", () => every(3, () => [])],
  ["sends frames twice", () => every(2, (frame) => [frame, frame.slice()])],
  ["changes a bit", () => every(3, (frame) => [tampered(frame)])],
  ["cuts frames short", () => every(3, (frame) => [frame.slice(0, -5)])],
  ["reorders frames", reordering],
  ["drops everything after the handshake", () => every(1, () => [])],
])(
  "whatever a relay does that %s, no call runs twice or is answered wrongly, and all settle",
  async (_, mischief) => {
    await using net = new TestNetwork();
    const { caller, relay, ran } = await scene(net);
    relay.mischief = mischief();
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    const calls: Promise<unknown>[] = [];
    for (const n of numbers) {
      const call = caller.executeRemoteTool("target", "count", n, { deadlineMs: 60_000 });
      call.catch(() => {});
      calls.push(call);
      await net.clock.advance(500);
    }
    const ends = await net.until(Promise.allSettled(calls));

    for (const [n, end] of ends.entries()) {
      if (end.status === "fulfilled") expect(end.value).toBe(n);
      else
        expect([
          "OUTCOME_UNKNOWN",
          "CONNECTION_LOST",
          "DEADLINE_EXCEEDED",
          "TIMEOUT",
          "NO_ROUTE",
        ]).toContain(end.reason.code);
    }
    expect(new Set(ran).size).toBe(ran.length);
    relay.mischief = (frame) => [frame];
    await net.clock.advance(30_000);
    expect(await net.until(caller.executeRemoteTool("target", "count", "again"))).toBe("again");
  },
);

test("a session that is played again from its first frame begins nothing", async () => {
  await using net = new TestNetwork();
  const { caller, relay, ran } = await scene(net);
  await caller.executeRemoteTool("target", "count", 1);
  const toTarget = relay.seen.filter((frame) => decodeRouted(frame).path.at(-1) === "target");
  for (const frame of toTarget) {
    const again = frame.slice();
    again[1] = 2;
    relay.send(again);
    await settle();
  }

  expect(ran).toEqual([1]);
});

test("frames that are sent back to their sender are no answer", async () => {
  await using net = new TestNetwork();
  const { caller, relay, ran } = await scene(net);
  await caller.executeRemoteTool("target", "count", 1);
  const call = caller.executeRemoteTool("target", "count", 2, { deadlineMs: 5_000 });
  const settled = call.catch((error: { code: string }) => error.code);
  for (const frame of relay.seen.slice()) {
    const { path } = decodeRouted(frame);
    if (path[0] === "caller") relay.send(reflected(frame));
  }

  expect(await net.until(settled)).toSatisfy((end) => end === 2 || end === "OUTCOME_UNKNOWN");
  expect(new Set(ran).size).toBe(ran.length);
});

/** The same body, for the one it came from. */
function reflected(frame: Uint8Array): Uint8Array {
  const { session, path, body } = decodeRouted(frame);
  const back = encodeRoutedHeader(session, path.toReversed());
  return encodeRouted(back, RoutedFlag.answer, body).with(1, 2);
}

test("a relay that claims a link that it does not have is gone round", async () => {
  await using net = new TestNetwork();
  const { caller, relay } = await scene(net);
  const honest = await net.peer("honest", { relay: true });
  await honest.connect("memory:caller");
  await honest.connect("memory:target");
  await net.calm();
  relay.mischief = () => [];

  expect(await net.until(caller.executeRemoteTool("target", "count", 1))).toBe(1);
});
