import { settle } from "@net/core/testing";
import type { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { decodeEndMessage, EndKind, encodeRequest, encodeValue } from "../../../src/wire/calls.ts";
import { FrameKind, isMessage } from "../../../src/wire/kinds.ts";
import { encodePiece, PieceState } from "../../../src/wire/piece.ts";
import { encodeRouted, encodeRoutedHeader, RoutedFlag } from "../../../src/wire/routed.ts";
import { RawPeer } from "../../support/raw-peer.ts";
import { TestNetwork } from "../../support/test-network.ts";
import { isOpen } from "../support/is-open.ts";
import { RawSession } from "../support/raw-session.ts";

interface Scene {
  readonly caller: PeerNetwork;
  readonly target: PeerNetwork;
  readonly evil: RawPeer;
}

/** A caller and a target with a relay between them, to which an adversary has a link too. */
async function scene(net: TestNetwork, maxSessions = 1_024): Promise<Scene> {
  const limits = { maxSessions };
  const caller = await net.peer("caller");
  const relay = await net.peer("relay", { relay: true });
  const target = await net.peer("target", { limits });
  await relay.connect("memory:caller");
  await relay.connect("memory:target");
  target.registerTool({ name: "true", concurrency: 64 }, () => "the truth");
  await net.calm();
  return { caller, target, evil: await RawPeer.join(net, "evil", "relay") };
}

const path = ["evil", "relay", "target"];

/** A new session of the caller, and a call over it. */
async function expectUnharmed(net: TestNetwork, { caller }: Scene): Promise<void> {
  const call = caller.executeRemoteTool("target", "true", {}, { deadlineMs: 4_000 });
  expect(await net.until(call)).toBe("the truth");
}

const decodeIfMessage = (bytes: Uint8Array): unknown =>
  isMessage(bytes[0] ?? 0) ? decodeEndMessage(bytes) : undefined;

test("an adversary that is honest has a session", async () => {
  await using net = new TestNetwork();
  const { evil } = await scene(net);
  const session = await RawSession.agreed(net, evil, path);
  session.link?.send(encodeRequest(1, { tool: "true", args: null, context: {} }));
  await net.clock.advance(100);

  expect(session.received.map(decodeIfMessage)).toContainEqual([EndKind.result, 1, "the truth"]);
});

test.each<[string, (net: TestNetwork, evil: RawPeer, n: number) => void]>([
  [
    "and then says nothing",
    (_net, { link }) => link.send(openFrame(path, new Uint8Array(32).fill(9))),
  ],
  [
    "under other names, and then says nothing",
    (_net, { link }, n) =>
      link.send(openFrame([`fake-${n}`, ...path], new Uint8Array(32).fill(9), 2)),
  ],
  ["and leaves off after the keys", (net, evil) => void new RawSession(net, evil, path)],
])("an adversary that begins sessions without end %s keeps nobody else out", async (_, begin) => {
  await using net = new TestNetwork();
  const there = await scene(net);
  for (let n = 0; n < 200; n++) {
    begin(net, there.evil, n);
    if (n % 20 === 0) await settle();
  }
  await settle();

  await expectUnharmed(net, there);
});

/** The first frame of a session that is said to begin at the first of the path. */
function openFrame(of: readonly string[], body: Uint8Array, hop = 1): Uint8Array {
  const session = Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString("hex");
  return encodeRouted(encodeRoutedHeader(session, of), RoutedFlag.open, body).with(1, hop);
}

test.each<[string, number]>([
  ["says nothing after the keys", 0],
  ["says who it is, and does not prove it", 1],
])("an end of a session that %s is let go of after the handshake's time", async (_, steps) => {
  await using net = new TestNetwork();
  const { evil } = await scene(net);
  const session = new RawSession(net, evil, path);
  await session.secured;
  if (steps > 0) session.hello("evil");
  await net.clock.advance(4_900);
  expect(await isOpen(session.link)).toBe(true);
  await net.clock.advance(200);

  expect(await session.link?.closed).toMatchObject({ remote: true });
});

test("peers that somebody makes up have no more sessions than may be, and those in use stay", async () => {
  await using net = new TestNetwork();
  const there = await scene(net, 4);
  const forever = Promise.withResolvers<string>();
  there.target.registerTool({ name: "long" }, () => forever.promise);
  await net.calm();
  const call = there.caller.executeRemoteTool("target", "long");
  call.catch(() => {});
  await net.clock.advance(100);
  const sessions: RawSession[] = [];
  for (let n = 0; n < 12; n++) {
    await net.clock.advance(10);
    sessions.push(await RawSession.agreed(net, there.evil, [`fake-${n}`, ...path]));
  }
  await net.clock.advance(100);
  const open = await Promise.all(sessions.map(({ link }) => isOpen(link)));

  expect(open.filter((each) => each).length).toBeLessThanOrEqual(3);
  forever.resolve("done");
  expect(await call).toBe("done");
});

test.each<[string, (session: RawSession) => void]>([
  [
    "begins more than 64 messages in pieces",
    ({ link }) => {
      for (let message = 0; message < 65; message++) {
        link?.send(encodePiece({ message, state: PieceState.more, bytes: new Uint8Array(1) }));
      }
    },
  ],
  ["talks of routes", ({ link }) => void link?.send(openFrame(path, new Uint8Array(32)))],
  ["gossips", ({ link }) => void link?.send(Uint8Array.of(FrameKind.advert, 0x90))],
  [
    "asks others after somebody",
    ({ link }) => void link?.send(Uint8Array.of(FrameKind.suspect, 0x90)),
  ],
  [
    "begins a call twice",
    ({ link }) => {
      const again = (): Uint8Array => encodeRequest(1, { tool: "long", args: 0, context: {} });
      link?.send(again());
      link?.send(again());
    },
  ],
])("the end of a session that %s loses it, and nobody else minds", async (_, misbehave) => {
  await using net = new TestNetwork();
  const there = await scene(net);
  there.target.registerTool({ name: "long" }, () => new Promise(() => {}));
  const session = await RawSession.agreed(net, there.evil, path);
  misbehave(session);
  await net.clock.advance(100);

  expect(await session.link?.closed).toMatchObject({ remote: true });
  await expectUnharmed(net, there);
});

test("a relay has no room for what it cannot pass on: who goes on sending is cut off", async () => {
  await using net = new TestNetwork();
  const there = await scene(net);
  net.faults.freeze("target");
  await settle();
  const frames = 400;
  let sent = 0;
  for (; sent < frames; sent++) {
    try {
      if (!there.evil.link.send(openFrame(path, new Uint8Array(16_000)))) await settle();
    } catch {
      break;
    }
  }
  await settle();

  expect(await isOpen(there.evil.link)).toBe(false);
  expect(await there.evil.link.closed).toMatchObject({ code: "protocol-error", remote: true });
  net.faults.thaw("target");
  await net.clock.advance(100);
  await expectUnharmed(net, there);
});

test("the answer to a call over a session counts only on that session", async () => {
  await using net = new TestNetwork();
  const there = await scene(net);
  there.target.registerTool({ name: "slow" }, () => new Promise(() => {}));
  await net.calm();
  const call = there.caller.executeRemoteTool("target", "slow", {}, { deadlineMs: 1_000 });
  call.catch(() => {});
  await settle();
  const session = await RawSession.agreed(net, there.evil, ["evil", "relay", "caller"]);
  for (let n = 0; n < 20; n++) session.link?.send(encodeValue(EndKind.result, n, "a lie"));
  await net.clock.advance(1_000);

  await expect(call).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
});
