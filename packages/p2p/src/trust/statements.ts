import {
  AuthenticationError,
  type Clock,
  type Logger,
  NetworkError,
  ProtocolError,
  type Timer,
  ValidationError,
} from "@net/core";
import type { OwnerTrust } from "@net/core/identity";
import type { LinkTable } from "../links/link-table.ts";
import type { PeerLink } from "../links/peer-link.ts";
import { encodeFrame, type Frame } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";

/** How often the neighbours' certificates are looked at again, since time passes, in ms. */
const RECHECK_INTERVAL = 30_000;

export interface StatementsOptions {
  readonly trust: OwnerTrust;
  readonly links: LinkTable;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Spreads what the owner says: what this peer learns, from a neighbour or from its own user, all other neighbours hear; and
 * whoever is not to be trusted any more, loses his link.
 */
export class Statements {
  readonly #options: StatementsOptions;
  readonly #off: () => void;
  readonly #timer: Timer;
  /** Who brought what is being learned. */
  #bringer: PeerLink | undefined;

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

  /** Tells a new neighbour all that is known here. */
  meet(link: PeerLink): void {
    for (const statement of this.#options.trust.statements) this.#offer(link, frameOf(statement));
  }

  /**
   * Takes what a neighbour has heard. What does not count here (another owner's word, or one that is out of date by now) is
   * no fault of the one who brings it.
   *
   * @throws ProtocolError if it is no statement at all.
   */
  receive(from: PeerLink, { body }: Frame): void {
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
    for (const link of this.#options.links) if (link !== this.#bringer) this.#offer(link, frame);
    this.#recheck();
  }

  #recheck(): void {
    for (const link of this.#options.links) {
      const error = this.#distrust(link);
      if (error) void link.close({ code: "unauthorized", message: error.message });
    }
  }

  /** Why that neighbour would not be let in now. */
  #distrust({ peerId, device, certificate }: PeerLink): AuthenticationError | undefined {
    const { trust } = this.#options;
    if (trust.isRevoked(device)) return new AuthenticationError(`the key of ${peerId} was revoked`);
    try {
      if (certificate) trust.accept(certificate.text, device);
    } catch (error) {
      if (AuthenticationError.is(error)) return error;
      throw error;
    }
    return undefined;
  }

  /** What does not fit the queue of a slow neighbour he hears when they meet again. */
  #offer(link: PeerLink, frame: Uint8Array): void {
    try {
      link.offer(frame, "advert");
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      this.#options.logger.debug({ peerId: link.peerId, error }, "a statement was not sent");
    }
  }
}

function frameOf(statement: string): Uint8Array {
  return encodeFrame(FrameKind.statement, {}, Buffer.from(statement));
}
