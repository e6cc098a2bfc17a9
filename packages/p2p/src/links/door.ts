import { type Link, type Listener, NetworkError, OverloadedError, type Transport } from "@net/core";
import { type Acquaintance, agree, inTime, type Party, welcome } from "./handshake.ts";
import type { HandshakeChannel } from "./handshake-channel.ts";
import { closeRequestFor, endHandshake } from "./refusal.ts";
import { secureChannel } from "./secure-channel.ts";

/** The most callers whose handshake is not over: a flood of strangers gets no more memory and work than this. */
export const MAX_PENDING_HANDSHAKES = 10;

export interface DoorOptions {
  readonly party: Party;
  /** Aborts what is under way when the network stops. */
  readonly closing: AbortSignal;
  readonly onLinked: (channel: HandshakeChannel, other: Acquaintance) => void;
  readonly onFailed: (address: string, error: unknown) => void;
}

/** Where others come in: listens, and finds out who is there. */
export class Door {
  readonly #options: DoorOptions;
  #listener: Listener | undefined;
  #pending = 0;

  constructor(options: DoorOptions) {
    this.#options = options;
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
    if (this.#pending >= MAX_PENDING_HANDSHAKES) return this.#turnAway(link);
    this.#pending += 1;
    try {
      await this.#receive(link);
    } catch (error) {
      this.#options.onFailed(link.remoteAddress, error);
      link.abort(closeRequestFor(error));
    } finally {
      this.#pending -= 1;
    }
  }

  /** Without a word that would have to be waited for. */
  #turnAway(link: Link): void {
    const error = new OverloadedError(`${MAX_PENDING_HANDSHAKES} handshakes are under way`);
    this.#options.onFailed(link.remoteAddress, error);
    link.abort(closeRequestFor(error));
  }

  async #receive(link: Link): Promise<void> {
    const { party, closing, onLinked } = this.#options;
    const within = { clock: party.clock, signal: closing };
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
