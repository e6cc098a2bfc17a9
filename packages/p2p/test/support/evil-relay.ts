import { DeviceIdentity } from "@net/core/identity";
import { encodeFrame } from "../../src/wire/frame.ts";
import { FrameKind } from "../../src/wire/kinds.ts";
import { decodeRouted, nextHop } from "../../src/wire/routed.ts";
import { RawPeer } from "./raw-peer.ts";
import type { TestNetwork } from "./test-network.ts";

/** What becomes of a frame on its way through: the frames that leave instead, each with its direction. */
export type Mischief = (frame: Uint8Array, count: number) => readonly Uint8Array[];

/** A relay between two peers that does what it likes with the frames of others. */
export class EvilRelay {
  /** Everything that came through, as it came. */
  readonly seen: Uint8Array[] = [];
  readonly #ends = new Map<string, RawPeer>();
  #mischief: Mischief = (frame) => [frame];

  static async between(
    net: TestNetwork,
    id: string,
    ...ends: readonly string[]
  ): Promise<EvilRelay> {
    const relay = new EvilRelay();
    const identity = DeviceIdentity.generate();
    for (const end of ends) relay.#ends.set(end, await RawPeer.join(net, id, end, identity));
    const links = ends.toSorted().map((peer) => ({ peer, costUs: 1_000, rttMs: 1 }));
    // Newer than what it said of itself when it joined.
    const advert = { origin: id, epoch: 2, links, relay: true };
    for (const [end, raw] of relay.#ends) {
      raw.onFrame = (bytes) => relay.#pass(end, bytes);
      raw.link.send(raw.advert(advert));
      for (const { kind, body } of raw.got(FrameKind.advert))
        relay.#gossip(end, encodeFrame(kind, body));
    }
    await net.calm();
    return relay;
  }

  set mischief(mischief: Mischief) {
    this.#mischief = mischief;
  }

  /** Says it to the end where it leads. */
  send(frame: Uint8Array): void {
    const { path, hop } = decodeRouted(frame);
    this.#ends.get(path[hop] as string)?.link.send(frame);
  }

  /** What one end says of itself the others hear. */
  #gossip(from: string, frame: Uint8Array): void {
    for (const [end, { link }] of this.#ends) if (end !== from) link.send(frame.slice());
  }

  #pass(from: string, bytes: Uint8Array): void {
    if (bytes[0] === FrameKind.advert) this.#gossip(from, bytes);
    if (bytes[0] !== FrameKind.routed) return;
    this.seen.push(bytes.slice());
    const { hop, path } = decodeRouted(bytes);
    if (hop === path.length - 1) return;
    for (const frame of this.#mischief(nextHop(bytes.slice()), this.seen.length)) this.send(frame);
  }
}
