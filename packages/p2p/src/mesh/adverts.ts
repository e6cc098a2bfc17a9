import { type Clock, type Logger, NetworkError, type Timer } from "@net/core";
import { ADVERT_REFRESH, type NetworkTopology } from "@net/routing";
import type { LinkTable } from "../links/link-table.ts";
import type { PeerLink } from "../links/peer-link.ts";
import { decodeAdvert, encodeAdvert } from "../wire/advert.ts";
import { encodeFrame } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";
import type { ToolDirectory } from "./tool-directory.ts";

/** What this peer says of itself, besides its links. */
export interface SelfDescription {
  readonly name: string;
  readonly capabilities: readonly string[];
  readonly tools: readonly string[];
  readonly idempotent: readonly string[];
}

export interface AdvertsOptions {
  readonly topology: NetworkTopology;
  readonly links: LinkTable;
  readonly directory: ToolDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether others may send frames through this peer. */
  readonly relay: boolean;
  readonly describe: () => SelfDescription;
}

/**
 * Tells every peer of the network about every other: each neighbour's news are passed on to all other neighbours,
 * unless they are old, so that each advert crosses each link about once.
 */
export class Adverts {
  readonly #options: AdvertsOptions;
  /** The newest advert of each other peer, as it came: for neighbours to come. */
  readonly #frames = new Map<string, Uint8Array>();
  #timer: Timer | undefined;
  #announcing = false;

  constructor(options: AdvertsOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock } = this.#options;
    this.#timer ??= clock.setInterval(() => this.#refresh(), ADVERT_REFRESH);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A new advert of this peer. */
  own(): Uint8Array {
    const { topology, relay, describe } = this.#options;
    const { idempotent, ...description } = describe();
    const linkState = topology.localAdvert({ ...description, relay });
    return encodeAdvert({ linkState, idempotent });
  }

  /** Something about this peer has changed: tells all neighbours, once for all that changes in this turn. */
  announce(): void {
    if (this.#announcing) return;
    this.#announcing = true;
    queueMicrotask(() => {
      this.#announcing = false;
      this.#flood(encodeFrame(FrameKind.advert, this.own()));
    });
  }

  /** Takes the advert that came with a handshake, and tells the new neighbour of all others. */
  meet(link: PeerLink, advert: Uint8Array): void {
    for (const frame of this.#frames.values()) this.#offer(link, frame);
    this.receive(link, advert);
  }

  /** Takes an advert, and passes it on if it is news. @throws ProtocolError if it is malformed. */
  receive(from: PeerLink, body: Uint8Array): void {
    const { linkState, idempotent } = decodeAdvert(body);
    const { topology, directory } = this.#options;
    if (topology.applyAdvert(linkState) !== "applied") return;
    const frame = encodeFrame(FrameKind.advert, body);
    this.#frames.set(linkState.origin, frame);
    directory.note(linkState.origin, idempotent);
    this.#flood(frame, from);
  }

  #refresh(): void {
    const { topology, directory } = this.#options;
    for (const origin of this.#frames.keys()) {
      if (topology.peer(origin)) continue;
      this.#frames.delete(origin);
      directory.forget(origin);
    }
    this.announce();
  }

  #flood(frame: Uint8Array, except?: PeerLink): void {
    for (const link of this.#options.links) if (link !== except) this.#offer(link, frame);
  }

  /** An advert that does not fit the queue of a slow neighbour is made good by the next one. */
  #offer(link: PeerLink, frame: Uint8Array): void {
    try {
      link.offerFrame(frame, "advert");
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      this.#options.logger.debug({ peerId: link.peerId, error }, "an advert was not sent");
    }
  }
}
