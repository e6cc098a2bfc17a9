import type { SessionParty } from "../links/handshake.ts";

/** Who this peer is to peers behind relays: the same as to its neighbours, but such a session takes no neighbour's seat. */
export function sessionParty(party: SessionParty): SessionParty {
  return { ...party, seats: undefined, relayed: true };
}
