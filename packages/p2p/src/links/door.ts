import { type Link, type Listener, NetworkError, type Transport } from "@net/core";
import { DEFAULT_LIMITS, type PeerLimits } from "../options/limits.ts";
import { type Acquaintance, agree, inTime, type Party, welcome } from "./handshake.ts";
import type { HandshakeChannel } from "./handshake-channel.ts";
import { HandshakeLimits } from "./handshake-limits.ts";
import { closeRequestFor, endHandshake } from "./refusal.ts";
import { secureChannel } from "./secure-channel.ts";

export interface DoorOptions {
  readonly party: Party;
  /** Default: the limits that a network has unless it is told otherwise. */
  readonly limits?: PeerLimits | undefined;
  /** Aborts what is under way when the network stops. */
  readonly closing: AbortSignal;
  readonly onLinked: (channel: HandshakeChannel, other: Acquaintance) => void;
  readonly onFailed: (address: string, error: unknown) => void;
}

/** Where others come in: listens, and finds out who is there. */
export class Door {
  readonly #options: DoorOptions;
  readonly #limits: HandshakeLimits;
  #listener: Listener | undefined;

  constructor(options: DoorOptions) {
    const { limits = DEFAULT_LIMITS, party } = options;
    this.#options = options;
    this.#limits = new HandshakeLimits(limits, party.clock);
  }

  /** @returns the address as others would dial it. @throws NetworkError `UNSUPPORTED`; as the transport's `listen`. */
  async open(transport: Transport, address: string, signal?: AbortSignal): Promise<string> {
    if (!transport.listen) {
      throw new NetworkError(
        "UNSUPPORTED",
        `cannot listen at ${address}: this transport only dials`,
      );
    }
    this.#listener = await transport.listen(address, (link) => void this.#answer(link), { signal });
    return this.#listener.address;
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  async #answer(link: Link): Promise<void> {
    try {
      using _pending = this.#limits.enter(link.remoteAddress);
      await this.#receive(link);
    } catch (error) {
      this.#options.onFailed(link.remoteAddress, error);
      // Whoever is turned away at the limits hears it without a word that would have to be waited for.
      link.abort(closeRequestFor(error));
    }
  }

  async #receive(link: Link): Promise<void> {
    const { party, closing, onLinked, limits = DEFAULT_LIMITS } = this.#options;
    const timeout = limits.handshakeTimeout;
    const within = { clock: party.clock, signal: closing, timeout };
    const { channel, other } = await inTime(link.remoteAddress, within, async (signal) => {
      const channel = await secureChannel(link, "responder", party, signal);
      return { channel, other: await this.#meet(channel, signal) };
    });
    onLinked(channel, other);
  }

  async #meet(channel: HandshakeChannel, signal: AbortSignal): Promise<Acquaintance> {
    const { party } = this.#options;
    try {
      const other = await welcome(channel, party, signal);
      agree(channel, party, other);
      return other;
    } catch (error) {
      await endHandshake(channel.link, error);
      throw error;
    }
  }
}
