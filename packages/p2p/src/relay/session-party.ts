import type { SessionParty } from "../links/handshake.ts";

/**
 * Who this peer is to peers behind relays: the same as to its neighbours. But such a session takes no neighbour's seat, and
 * brings no advert: those are gossip's.
 */
export function sessionParty(party: SessionParty): SessionParty {
  return { ...party, seats: undefined, relayed: true, advert: () => NOTHING };
}

const NOTHING: Uint8Array = new Uint8Array(0);
