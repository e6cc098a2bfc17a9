import { placeOf } from "../../address.ts";
import type { PeerClaims, PeerRecord } from "../record/peer-record.ts";
import type { NodeSource } from "./found-node.ts";

/** Who answered at an address, as it proved in a handshake. */
export interface Identified {
  /** The raw Ed25519 key of its device. */
  readonly publicKey: Uint8Array;
  readonly peerId: string;
  readonly peerName?: string | undefined;
}

/** What one source says of one peer. */
export type Sighting = {
  readonly source: NodeSource;
  /** Names what is said, for taking it back: a link and an instance, an address. */
  readonly via: string;
} & (
  | { readonly kind: "signed"; readonly record: PeerRecord }
  | { readonly kind: "unsigned"; readonly claims: PeerClaims }
  | { readonly kind: "identified"; readonly address: string; readonly identified: Identified }
  | { readonly kind: "address"; readonly address: string }
);

/** A sighting's public key, id, name and addresses, whatever its kind. */
export interface Facts {
  readonly publicKey?: Uint8Array;
  readonly peerId?: string;
  readonly name?: string;
  readonly addresses: readonly string[];
}

export function factsOf(sighting: Sighting): Facts {
  switch (sighting.kind) {
    case "signed": {
      const { publicKey, peerId, peerName: name, addresses } = sighting.record;
      return { publicKey, peerId, name, addresses };
    }
    case "unsigned": {
      const { peerId, peerName: name, addresses } = sighting.claims;
      return { peerId, name, addresses };
    }
    case "identified": {
      const { publicKey, peerId, peerName = peerId } = sighting.identified;
      return { publicKey, peerId, name: peerName, addresses: [sighting.address] };
    }
    case "address":
      return { addresses: [sighting.address] };
  }
}

const places = new WeakMap<Sighting, readonly string[]>();

/** The places of its addresses, in their order, for comparing. Worked out once: tables ask for them again and again. */
export function placesOf(sighting: Sighting): readonly string[] {
  const known = places.get(sighting) ?? factsOf(sighting).addresses.map(placeOf);
  places.set(sighting, known);
  return known;
}

/** One node: a peer of a device, if it has proved which; else who it says it is; else an address. */
export function nodeKeyOf(sighting: Sighting): string {
  const { publicKey, peerId } = factsOf(sighting);
  if (publicKey) return `key ${Buffer.from(publicKey).toString("base64url")} ${peerId}`;
  if (peerId !== undefined) return `id ${peerId}`;
  return placeKey(placesOf(sighting)[0] ?? "");
}

/** The key of a node of which no more is known than where it is. */
export function placeKey(place: string): string {
  return `at ${place}`;
}

/** Whether that is the key of a device that has proved who it is. */
export function isDeviceKey(nodeKey: string): boolean {
  return nodeKey.startsWith("key ");
}
