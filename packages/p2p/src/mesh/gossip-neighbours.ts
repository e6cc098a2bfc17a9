import type { Channel } from "../channel/channel.ts";
import type { Gossip } from "../gossip/gossip.ts";
import type { GossipKind } from "../gossip/kinds.ts";
import type { Neighbour } from "../gossip/neighbour.ts";
import { encodeFrame } from "../wire/frame.ts";

/** How urgent gossip is: routes must heal before bulk data passes. */
export const GOSSIP = "gossip";

/** The links of this peer as gossip sees them. */
export class GossipNeighbours {
  readonly #gossip: Gossip;
  readonly #neighbours = new Map<Channel, Neighbour>();

  constructor(gossip: Gossip) {
    this.#gossip = gossip;
  }

  met(link: Channel): void {
    const neighbour: Neighbour = {
      peerId: link.peerId,
      offer: (kind, body) => {
        link.offerFrame(encodeFrame(kind, body), GOSSIP);
        return true;
      },
    };
    this.#neighbours.set(link, neighbour);
    this.#gossip.linked(neighbour);
  }

  lost(link: Channel): void {
    const neighbour = this.#neighbours.get(link);
    this.#neighbours.delete(link);
    if (neighbour) this.#gossip.unlinked(neighbour);
  }

  /** @throws ProtocolError if it is malformed. */
  receive(link: Channel, kind: GossipKind, body: Uint8Array): void {
    const neighbour = this.#neighbours.get(link);
    if (neighbour) this.#gossip.receive(neighbour, kind, body);
  }
}
