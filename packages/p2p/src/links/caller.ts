import { type Dialer, linkSignals, NetworkError, throwIfAborted } from "@net/core";
import type { Channel } from "../channel/channel.ts";
import { type Acceptor, type Acquaintance, greet, inTime, type Party, prove } from "./handshake.ts";
import type { HandshakeChannel } from "./handshake-channel.ts";
import type { LinkTable } from "./link-table.ts";
import { closeRequestFor, endHandshake } from "./refusal.ts";
import { secureChannel } from "./secure-channel.ts";

export interface CallerOptions {
  readonly transport: Dialer;
  readonly party: Party;
  /** How long a handshake may take, in ms. Default 5000. */
  readonly handshakeTimeout?: number | undefined;
  readonly table: LinkTable;
  /** Aborts what is under way when the network stops. */
  readonly closing: AbortSignal;
  readonly onLinked: (channel: HandshakeChannel, other: Acquaintance) => Channel;
  readonly onFailed: (address: string, error: unknown) => void;
}

export interface DialPeerOptions {
  /** One that this peer was given. Default: it makes its own, if it knows the secret. */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Who somebody has proven to be. */
export interface Identification {
  /** The raw public key of the device. */
  readonly device: Uint8Array;
  readonly peerId: string;
  readonly peerName: string;
}

interface LinkOptions {
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

/** Goes out to others: dials, and finds out who is there. */
export class Caller {
  readonly #options: CallerOptions;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /**
   * A link to the peer at that address. The one that there is already, or that the peer is making by a dial of its
   * own, does as well.
   */
  async dial(address: string, { token, signal }: DialPeerOptions = {}): Promise<Channel> {
    const { transport, party, closing } = this.#options;
    using limit = linkSignals([signal, closing]);
    throwIfAborted(limit.signal);
    const link = await transport.dial(address, { signal: limit.signal });
    const { clock } = party;
    const within = { clock, signal: limit.signal, timeout: this.#options.handshakeTimeout };
    try {
      return await inTime(address, within, async (late) => {
        const channel = await secureChannel(link, "initiator", party, late);
        return await this.#meet(channel, { token, signal: late });
      });
    } catch (error) {
      this.#options.onFailed(address, error);
      link.abort(closeRequestFor(error));
      throw error;
    }
  }

  /** Who is there, as it proves before this end says who it is itself. @throws as {@link Caller.dial}. */
  async identify(address: string, signal: AbortSignal): Promise<Identification> {
    const { transport, party, closing, handshakeTimeout: timeout } = this.#options;
    using limit = linkSignals([signal, closing]);
    const link = await transport.dial(address, { signal: limit.signal });
    const within = { clock: party.clock, signal: limit.signal, timeout };
    try {
      return await inTime(address, within, async (late) => {
        const channel = await secureChannel(link, "initiator", party, late);
        const { greeting } = await greet(channel, party, late);
        await channel.link.close({ code: "going-away", message: "only asked who is there" });
        return { device: channel.device, peerId: greeting.peerId, peerName: greeting.peerName };
      });
    } finally {
      link.abort();
    }
  }

  async #meet(channel: HandshakeChannel, options: LinkOptions): Promise<Channel> {
    try {
      const acceptor = await greet(channel, this.#options.party, options.signal);
      return await this.#link(channel, acceptor, options);
    } catch (error) {
      await endHandshake(channel.link, error);
      throw error;
    }
  }

  async #link(
    channel: HandshakeChannel,
    acceptor: Acceptor,
    options: LinkOptions,
  ): Promise<Channel> {
    const { party, onLinked } = this.#options;
    const { peerId } = acceptor.greeting;
    try {
      using claim = party.seats.claim(peerId);
      const other = await claim.told(prove(channel, party, acceptor, options));
      return onLinked(channel, other);
    } catch (error) {
      if (!NetworkError.is(error, "CONFLICT")) throw error;
      await endHandshake(channel.link, error);
      return await this.#theOther(peerId, error, options.signal);
    }
  }

  /** The link that is being made by another dial, of ours or of the peer's. @throws why none comes of it. */
  async #theOther(peerId: string, error: NetworkError, signal: AbortSignal): Promise<Channel> {
    const { table, party } = this.#options;
    const added = table.when(peerId, signal).catch(() => {
      throw error;
    });
    const ours = party.seats.released(peerId)?.then(async (failure) => {
      const link = table.get(peerId);
      if (link) return link;
      // The peer's own dial has won.
      if (NetworkError.is(failure, "CONFLICT")) return await added;
      throw failure instanceof Error ? failure : error;
    });
    return await (ours ? Promise.race([added, ours]) : added);
  }
}
