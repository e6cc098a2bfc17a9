import { type Logger, NetworkError } from "@net/core";
import type { GossipKind } from "./kinds.ts";

/** A peer to which there is a link. One object for each link: a peer that comes back is another neighbour. */
export interface Neighbour {
  readonly peerId: string;
  /** Whether it passes on what is for others, as far as its handshake said so; its advert outranks that. */
  readonly relay?: boolean | undefined;
  /** Takes a frame for that peer without waiting. False, or a `NetworkError`: there is no room, it was not taken. */
  offer(kind: GossipKind, body: Uint8Array): boolean;
}

/** How the fields of a frame become bytes: nested lists of texts, numbers, booleans, null and byte strings. */
export interface Codec {
  readonly encode: (value: unknown) => Uint8Array;
  /** Throws a ProtocolError for what is malformed, too large or nested too deep. */
  readonly decode: (bytes: Uint8Array) => unknown;
}

/** Puts frames on links. */
export class Sender {
  readonly #codec: Codec;
  readonly #logger: Logger;

  constructor(codec: Codec, logger: Logger) {
    this.#codec = codec;
    this.#logger = logger;
  }

  /** @returns whether the link took it. */
  send(to: Neighbour, kind: GossipKind, fields: readonly unknown[]): boolean {
    return this.offer(to, kind, this.#codec.encode(fields));
  }

  /** The same for a body that is ready. */
  offer(to: Neighbour, kind: GossipKind, body: Uint8Array): boolean {
    try {
      return to.offer(kind, body);
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      this.#logger.debug({ peerId: to.peerId, kind, error }, "a gossip frame was not taken");
      return false;
    }
  }
}
