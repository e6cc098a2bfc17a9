import { type Clock, type Logger, TokenBucket } from "@net/core";
import { PerInterface } from "../interfaces/per-interface.ts";
import { type BroadcastMessage, encodeAnswer } from "./format.ts";
import type { BroadcastSettings } from "./options.ts";
import { type BroadcastSocket, type From, hasBroadcast, openBroadcastSocket } from "./socket.ts";

/** Answers per second, and at once: whoever asks for more is not heard. */
const RATE = { perSecond: 20, capacity: 40 } as const;

export interface BroadcastResponderOptions {
  readonly settings: BroadcastSettings;
  readonly networkId: string;
  /** The peer's record of this moment. */
  readonly record: () => Uint8Array;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Answers whoever asks by UDP broadcast which peers there are. */
export class BroadcastResponder implements AsyncDisposable {
  readonly #options: BroadcastResponderOptions;
  readonly #rate: TokenBucket;
  #sockets: PerInterface<BroadcastSocket> | undefined;

  private constructor(options: BroadcastResponderOptions) {
    this.#options = options;
    this.#rate = new TokenBucket({ ...RATE, clock: options.clock });
  }

  /** @throws ConnectionError if the port or no interface can be used. */
  static async start(options: BroadcastResponderOptions): Promise<BroadcastResponder> {
    const { settings, clock, logger } = options;
    const responder = new BroadcastResponder(options);
    const sockets = await PerInterface.start<BroadcastSocket>({
      ...{ wanted: settings.interfaces, usable: hasBroadcast, clock, logger },
      open: (netInterface, onBroken) =>
        openBroadcastSocket({
          ...{ netInterface, port: settings.port, logger },
          onMessage: (message, from, on) => responder.#answer(message, from, on),
          onBroken,
        }),
    });
    responder.#sockets = sockets;
    return responder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sockets?.close();
  }

  #answer(message: BroadcastMessage, from: From, socket: BroadcastSocket): void {
    const { networkId, record } = this.#options;
    if (message.kind !== "question" || message.networkId !== networkId) return;
    if (this.#rate.tryTake()) void socket.send(encodeAnswer(message.nonce, record()), from);
  }
}
