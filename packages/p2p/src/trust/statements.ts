import {
  type AuthenticationError,
  type Clock,
  type Logger,
  NetworkError,
  ProtocolError,
  type Timer,
  ValidationError,
} from "@net/core";
import type { OwnerTrust } from "@net/core/identity";
import { distrust } from "../admission/vouching.ts";
import type { Channel } from "../channel/channel.ts";
import type { LinkTable } from "../links/link-table.ts";
import { GOSSIP } from "../mesh/gossip-neighbours.ts";
import { DEFAULT_NETWORK_ID } from "../names.ts";
import { encodeFrame, type Frame } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";

/** How often the neighbours' certificates are looked at again, since time passes, in ms. */
const RECHECK_INTERVAL = 30_000;

export interface StatementsOptions {
  readonly trust: OwnerTrust;
  readonly links: LinkTable;
  /** Those with peers that are reached through relays: they end with trust as links do. Default: none. */
  readonly sessions?: (() => Iterable<Channel>) | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What grants to other owners must be for. Default `net`. */
  readonly networkId?: string | undefined;
}

/**
 * Spreads what owners say: what this peer learns, from a neighbour or from its own user, its owner's other devices hear, and
 * guests as far as it concerns them; and whoever is not to be trusted any more, loses his link.
 */
export class Statements {
  readonly #options: StatementsOptions;
  readonly #off: () => void;
  readonly #timer: Timer;
  /** Who brought what is being learned. */
  #bringer: Channel | undefined;

  constructor(options: StatementsOptions) {
    const { trust, clock } = options;
    this.#options = options;
    this.#off = trust.on("learned", (statement) => this.#learned(statement));
    this.#timer = clock.setInterval(() => this.#recheck(), RECHECK_INTERVAL, { background: true });
  }

  stop(): void {
    this.#off();
    this.#timer.cancel();
  }

  /** Tells a new neighbour all that is known here, and is its business. */
  meet(link: Channel): void {
    for (const statement of this.#statementsFor(link)) this.#offer(link, frameOf(statement));
  }

  /**
   * Takes what a neighbour has heard. What does not count here (another owner's word, or one that is out of date by now) is
   * no fault of the one who brings it.
   *
   * @throws ProtocolError if it is no statement at all.
   */
  receive(from: Channel, { body }: Frame): void {
    this.#bringer = from;
    try {
      this.#options.trust.learn(Buffer.from(body).toString());
    } catch (error) {
      if (ValidationError.is(error)) throw new ProtocolError(error.message, { cause: error });
      if (!NetworkError.is(error)) throw error;
      this.#options.logger.debug({ peerId: from.peerId, error }, "a statement was not taken");
    } finally {
      this.#bringer = undefined;
    }
  }

  #learned(statement: string): void {
    const frame = frameOf(statement);
    for (const link of this.#options.links) {
      if (link !== this.#bringer && this.#concerns(link, statement)) this.#offer(link, frame);
    }
    this.#recheck();
  }

  /** Which devices an owner has, and to whom else he grants something, is not for everybody. */
  #statementsFor({ certificate }: Channel): readonly string[] {
    const { trust } = this.#options;
    if (!certificate) return [];
    const { owner } = certificate;
    return trust.isOwner(owner) ? trust.statements : trust.statementsFor(owner);
  }

  #concerns(link: Channel, statement: string): boolean {
    const { certificate } = link;
    if (certificate && this.#options.trust.isOwner(certificate.owner)) return true;
    return this.#statementsFor(link).includes(statement);
  }

  #recheck(): void {
    const { links, sessions = () => [] } = this.#options;
    for (const link of [...links, ...sessions()]) {
      const error = this.#distrust(link);
      if (error) void link.close({ code: "unauthorized", message: error.message });
      else if (this.#isNarrowed(link)) {
        void link.close({ code: "going-away", message: "less is shared with its owner by now" });
      }
    }
  }

  /** Whether a guest was granted something that is not granted any more: the next link gives it what is. */
  #isNarrowed({ certificate, rights }: Channel): boolean {
    const { trust, networkId = DEFAULT_NETWORK_ID } = this.#options;
    const { shared } = rights;
    if (!certificate || !shared) return false;
    const tools = trust.toolsGranted(certificate.owner, networkId);
    return shared.some((tool) => !tools.includes(tool));
  }

  /** Why that neighbour would not be let in now. */
  #distrust({ peerId, device, certificate }: Channel): AuthenticationError | undefined {
    const { trust, networkId = DEFAULT_NETWORK_ID } = this.#options;
    return distrust(trust, networkId, { peerId, device, certificate: certificate?.text });
  }

  /** What does not fit the queue of a slow neighbour he hears when they meet again. */
  #offer(link: Channel, frame: Uint8Array): void {
    try {
      link.offerFrame(frame, GOSSIP);
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      this.#options.logger.debug({ peerId: link.peerId, error }, "a statement was not sent");
    }
  }
}

function frameOf(statement: string): Uint8Array {
  return encodeFrame(FrameKind.statement, Buffer.from(statement));
}
