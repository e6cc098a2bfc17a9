import { settle } from "@net/core/testing";
import { NetworkTopology } from "@net/routing";
import { encodeAdvert } from "../../src/wire/advert.ts";
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
    for (const end of ends) relay.#ends.set(end, await RawPeer.join(net, id, end));
    // Newer than what it said of itself when it joined.
    const topology = new NetworkTopology(id, { epoch: net.clock.nowMs() + 1_000 });
    for (const end of ends) topology.observeLink(end, { rttMs: 1 });
    const linkState = topology.localAdvert({ relay: true });
    const advert = encodeFrame(FrameKind.advert, encodeAdvert({ linkState, idempotent: [] }));
    for (const [end, raw] of relay.#ends) {
      raw.onFrame = (bytes) => relay.#pass(end, bytes);
      raw.link.send(advert);
      for (const { kind, body } of raw.got(FrameKind.advert))
        relay.#gossip(end, encodeFrame(kind, body));
    }
    await settle();
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
