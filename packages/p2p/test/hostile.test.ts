import { NetworkError, seededRng } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import {
  EndKind,
  encodeCancel,
  encodeFailure,
  encodeMessage,
  encodeRequest,
  encodeValue,
  encodeWindow,
} from "../src/wire/calls.ts";
import { pack } from "../src/wire/codec.ts";
import { encodeCredit } from "../src/wire/control.ts";
import { encodeFrame } from "../src/wire/frame.ts";
import { FrameKind } from "../src/wire/kinds.ts";
import { encodeLiveness } from "../src/wire/liveness.ts";
import { encodePiece, PieceState } from "../src/wire/piece.ts";
import { encodeRouted, encodeRoutedHeader, RoutedFlag } from "../src/wire/routed.ts";
import { craftAdvert } from "./gossip/support/craft.ts";
import { RawPeer } from "./support/raw-peer.ts";
import { TestNetwork } from "./support/test-network.ts";

/** A network with a caller, a relay and an adversary that is linked to both of the others. */
async function setUp(net: TestNetwork) {
  const [caller, , target] = await net.line("caller", "relay", "target");
  if (!caller || !target) throw new Error("a line of three has three peers");
  target.registerTool({ name: "true" }, () => "the truth");
  await settle();
  return { caller, target };
}

/** A frame of a session from the adversary, along that path. */
const routed = (path: readonly string[], flags = 0, hop = 1): Uint8Array =>
  encodeRouted(encodeRoutedHeader("00".repeat(8), path), flags, new Uint8Array(48)).with(1, hop);

/** All frames that a peer may get once it is linked. */
const frames: readonly Uint8Array[] = [
  encodeLiveness({ type: "probe", number: 1 }),
  encodeLiveness({ type: "probe-ack", number: 1, incarnation: 0, loopLagMs: 0, busy: false }),
  encodeCredit(1_000_000),
  encodeFrame(FrameKind.advert, craftAdvert(DeviceIdentity.generate(), { origin: "evil" })),
  encodeMessage("x", "hello"),
  encodeRequest(1, { tool: "true", args: 1, context: {} }),
  encodeCancel(1),
  encodeWindow(1, 1_000),
  encodeValue(EndKind.progress, 1, 1),
  encodeValue(EndKind.chunk, 1, 1),
  encodeValue(EndKind.result, 1, { a: [1, 2, { b: "c" }] }),
  encodePiece({ message: 1, state: PieceState.more, bytes: new Uint8Array(100) }),
  encodeFrame(FrameKind.urgent, encodeCancel(1)),
  routed(["evil", "relay"], RoutedFlag.open),
  routed(["evil", "relay", "target"], RoutedFlag.open),
  routed(["evil", "relay", "target"], RoutedFlag.end),
];

test("whatever a neighbour sends, nobody crashes and the others go on", {
  timeout: 30_000,
}, async () => {
  await using net = new TestNetwork();
  const { caller } = await setUp(net);
  const rng = seededRng(11);
  for (let round = 0; round < 300; round++) {
    const evil = await RawPeer.join(net, "evil", "relay");
    for (let count = 0; count < 5; count++) {
      try {
        evil.link.send(
          mutate(
            frames[Math.floor(rng.next() * frames.length)] ??
              encodeLiveness({ type: "probe", number: 1 }),
            rng,
          ),
        );
      } catch {
        // The peer has closed the link: what else is there to send.
      }
      await settle();
    }
    evil.link.abort();
    await settle();
  }

  expect(await caller.executeRemoteTool("target", "true")).toBe("the truth");
  expect(caller.getConnectedPeers()).toMatchObject([{ peerId: "relay" }]);
});

/** Cuts, flips bits, or leaves the frame as it is. */
function mutate(frame: Uint8Array, rng: { next(): number }): Uint8Array {
  const length = rng.next() < 0.3 ? Math.floor(rng.next() * frame.length) : frame.length;
  const mutated = frame.slice(0, length);
  const flips = Math.floor(rng.next() * 4);
  for (let flip = 0; flip < flips && length > 0; flip++) {
    const at = Math.floor(rng.next() * length);
    mutated[at] = (mutated[at] ?? 0) ^ (1 << Math.floor(rng.next() * 8));
  }
  return mutated;
}

test.each([
  ["on behalf of another peer", ["caller", "relay", "target"], 1],
  ["that was to come from elsewhere", ["caller", "evil", "relay"], 1],
  ["that is not for the peer it is sent to", ["evil", "target"], 1],
  ["beyond its path", ["evil", "relay"], 2],
  ["that goes in circles", ["evil", "relay", "evil"], 1],
])("a neighbour that sends a frame %s is cut off", async (_, path, hop) => {
  await using net = new TestNetwork();
  await setUp(net);
  const evil = await RawPeer.join(net, "evil", "relay");
  evil.link.send(routed(path, RoutedFlag.open, hop));

  expect(await evil.link.closed).toMatchObject({ remote: true });
});

test("a peer cannot answer the call to another, though it knows its number", async () => {
  await using net = new TestNetwork();
  const { caller, target } = await setUp(net);
  target.registerTool({ name: "slow" }, () => new Promise(() => {}));
  await settle();
  const evil = await RawPeer.join(net, "evil", "caller");
  const progress: unknown[] = [];
  const call = caller.call("target", "slow", {}, { deadlineMs: 1_000 });
  const heard = Array.fromAsync(call.progress, (step) => progress.push(step));
  await settle();
  const lie = new NetworkError("CONFLICT", "a lie");
  for (let number = 0; number < 10; number++) {
    evil.link.send(encodeValue(EndKind.progress, number, "a lie"));
    evil.link.send(encodeFailure(number, false, lie));
    evil.link.send(encodeValue(EndKind.result, number, "a lie"));
  }
  await net.clock.advance(1_000);

  await expect(call).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await heard;
  expect(progress).toEqual([]);
});

test("an error from another peer revives no prototype and no class of its choice", async () => {
  await using net = new TestNetwork();
  const { caller } = await setUp(net);
  const evil = await RawPeer.join(net, "evil", "caller");
  const call = caller.call("evil", "x");
  await settle();
  const number = evil.said(EndKind.request)[0]?.[1];
  const error = { name: "Function", code: "NO_SUCH_CODE", message: "m".repeat(9_999) };
  evil.link.send(pack([EndKind.failure, number, true, error]));

  await expect(call).rejects.toMatchObject({
    ...{ code: "REMOTE_ERROR", message: "m".repeat(4_096) },
  });
});

test("an answer that is none ends the link, and the call with it", async () => {
  await using net = new TestNetwork();
  const { caller } = await setUp(net);
  const evil = await RawPeer.join(net, "evil", "caller");
  const call = caller.call("evil", "x");
  call.then(undefined, () => {});
  await settle();
  const number = evil.said(EndKind.request)[0]?.[1];
  evil.link.send(pack([EndKind.failure, number, "perhaps", {}]));

  expect(await evil.link.closed).toMatchObject({ code: "protocol-error", remote: true });
  await expect(call).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
});

test("a neighbour may not advertise for this peer itself, nor ids that fit no frame", async () => {
  await using net = new TestNetwork();
  const { caller } = await setUp(net);
  const evil = await RawPeer.join(net, "evil", "caller");
  evil.link.send(evil.advert({ origin: "caller", epoch: 2 ** 50 }));
  await settle();
  expect(await caller.executeRemoteTool("target", "true")).toBe("the truth");

  evil.link.send(evil.advert({ origin: "x".repeat(200) }));
  expect(await evil.link.closed).toMatchObject({ code: "protocol-error", remote: true });
});
