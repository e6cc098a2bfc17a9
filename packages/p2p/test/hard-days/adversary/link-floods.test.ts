import { NetworkError } from "@net/core";
import { settle } from "@net/core/testing";
import type { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import {
  EndKind,
  encodeCancel,
  encodeDescribe,
  encodeFailure,
  encodeMessage,
  encodeRequest,
  encodeValue,
  encodeWindow,
} from "../../../src/wire/calls.ts";
import { pack } from "../../../src/wire/codec.ts";
import { encodeCredit } from "../../../src/wire/control.ts";
import { encodeFrame, packFrame } from "../../../src/wire/frame.ts";
import { FrameKind } from "../../../src/wire/kinds.ts";
import { encodePiece, PieceState } from "../../../src/wire/piece.ts";
import { RawPeer } from "../../support/raw-peer.ts";
import { TestNetwork } from "../../support/test-network.ts";

interface Scene {
  readonly target: PeerNetwork;
  readonly witness: PeerNetwork;
  readonly evil: RawPeer;
  /** How often each tool ran. */
  readonly ran: { count: number };
}

/** An adversary that is linked to a peer, which somebody else uses meanwhile. */
async function scene(net: TestNetwork): Promise<Scene> {
  const [witness, target] = await net.line("witness", "target");
  if (!witness || !target) throw new Error("a line of two has two peers");
  const ran = { count: 0 };
  target.registerTool({ name: "true", concurrency: 64 }, () => {
    ran.count += 1;
    return "the truth";
  });
  target.registerTool({ name: "forever", concurrency: 64 }, () => new Promise(() => {}));
  await settle();
  return { target, witness, ran, evil: await RawPeer.join(net, "evil", "target") };
}

async function expectUnharmed({ target, witness }: Scene): Promise<void> {
  expect(await witness.executeRemoteTool("target", "true")).toBe("the truth");
  expect(target.getConnectedPeers().map(({ peerId }) => peerId)).toContain("witness");
}

/** Sends as long as the link lasts, and as fast as it takes it. */
async function flood({ link }: RawPeer, frames: Iterable<Uint8Array>): Promise<void> {
  for (const frame of frames) {
    try {
      if (!link.send(frame)) await settle();
    } catch {
      return;
    }
  }
  await settle();
}

function* times(count: number, make: (n: number) => Uint8Array): Generator<Uint8Array> {
  for (let n = 1; n <= count; n++) yield make(n);
}

const request = (call: number, tool: string): Uint8Array =>
  encodeRequest(call, { tool, args: null, context: {} });
const urgent = (message: Uint8Array): Uint8Array => encodeFrame(FrameKind.urgent, message);
const part = (message: number, size: number, state: PieceState = PieceState.more): Uint8Array =>
  encodePiece({ message, state, bytes: new Uint8Array(size) });
/** An array in an array, so deep. */
const nested = (depth: number): Uint8Array =>
  Uint8Array.from([...new Array<number>(depth).fill(0x91), 0xc0]);
const requestWith = (args: Uint8Array): Uint8Array =>
  Uint8Array.from([0x95, EndKind.request, 1, ...pack("true"), ...pack({}), ...args]);

test.each<[string, Iterable<Uint8Array>]>([
  ["begins more than 64 messages in pieces", times(65, (n) => part(n, 10))],
  ["sends a message in pieces that is larger than may be", times(80, () => part(1, 16_000))],
  [
    "keeps more in unfinished messages than four of the largest",
    times(300, (n) => part(n % 8, 16_000)),
  ],
  ["asks on and on and takes no answer", times(10_000, (n) => urgent(request(n, "x")))],
  ["begins one call twice", times(2, () => request(7, "forever"))],
  ["nests deeper than anybody means", [requestWith(nested(100))]],
  ["nests 100,000 deep", [requestWith(nested(15_000))]],
  ["sends a piece without its header", [Uint8Array.of(FrameKind.piece, 0, 0)]],
  ["gives credit that is no number", [packFrame(FrameKind.credit, ["all"])]],
  ["gives less credit than none", [packFrame(FrameKind.credit, [-1])]],
  ["gives credit beyond all numbers", [packFrame(FrameKind.credit, [Number.MAX_VALUE])]],
  ["gives a stream a window that is no number", [pack([EndKind.window, 1, "all"])]],
  ["begins a handshake again", [packFrame(FrameKind.hello, {})]],
  ["sends a frame of no kind", [Uint8Array.of(255, 1, 2)]],
  ["sends an empty frame", [new Uint8Array(0)]],
])("a neighbour that %s is cut off, and nobody else minds", async (_, frames) => {
  await using net = new TestNetwork();
  const there = await scene(net);
  await flood(there.evil, frames);

  expect(await net.until(there.evil.link.closed)).toMatchObject({ remote: true });
  await expectUnharmed(there);
});

test.each<[string, (n: number) => Uint8Array]>([
  ["cancels calls that there are not", (n) => encodeCancel(n)],
  ["opens windows of streams that there are not", (n) => encodeWindow(n, n * 1_000)],
  ["answers calls that nobody made", (n) => encodeValue(EndKind.result, n, "a lie")],
  [
    "fails calls that nobody made",
    (n) => encodeFailure(n, true, new NetworkError("CONFLICT", "a lie")),
  ],
  ["streams to calls that nobody made", (n) => encodeValue(EndKind.chunk, n, "a lie")],
  ["gives up messages that it never began", (n) => part(n, 0, PieceState.abandoned)],
  ["gives credit all the time", (n) => encodeCredit(n)],
  ["asks what there is all the time", (n) => encodeDescribe(n)],
  ["sends messages all the time", () => encodeMessage("x", "y")],
  ["calls a tool that is not there, urgently", (n) => urgent(request(n, "x"))],
  ["calls without end, urgently", (n) => urgent(request(n, "forever"))],
])("a neighbour that %s does no harm", async (_, make) => {
  await using net = new TestNetwork();
  const there = await scene(net);
  await flood(there.evil, times(2_000, make));

  await expectUnharmed(there);
});

test("whoever reads no answers is not answered without end", async () => {
  await using net = new TestNetwork();
  const there = await scene(net);
  const answer = new Uint8Array(100_000);
  there.target.registerTool({ name: "large", concurrency: 1_000 }, () => answer);
  await settle();
  let received = 0;
  there.evil.onFrame = ({ byteLength }) => {
    received += byteLength;
  };
  there.evil.link.pause();
  await flood(
    there.evil,
    times(300, (n) => request(n, "large")),
  );
  there.evil.link.resume();
  await net.clock.advance(1_000);

  expect(received).toBeLessThan(6_000_000);
  await expectUnharmed(there);
});
