import { type Clock, type Emitter, isRecord, type Rng, retry, throwIfAborted } from "@net/core";
import { type QoSManager, retryOptions } from "@net/qos";
import type { Channel } from "./channel/channel.ts";
import type { OutgoingMessage, PeerNetworkEvents } from "./events.ts";
import type { Mesh } from "./mesh/mesh.ts";
import { assertName, invalid } from "./names.ts";
import { type EndMessage, encodeMessage, readMessage } from "./wire/calls.ts";

export interface MessagesOptions {
  readonly self: string;
  readonly mesh: Pick<Mesh, "channels">;
  readonly events: Emitter<PeerNetworkEvents>;
  /** How each type of message is treated. */
  readonly qos: Pick<QoSManager, "getPolicy">;
  readonly clock: Clock;
  readonly rng: Rng;
}

/** Messages in both directions: sent once, never repeated, not acknowledged. */
export class Messages {
  readonly #options: MessagesOptions;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /** Resolves when it has left. One that could not leave is tried again as the policy of its type says. */
  async send(peerId: string, message: OutgoingMessage, signal?: AbortSignal): Promise<void> {
    const { self, qos, clock, rng } = this.#options;
    if (peerId === self) throw invalid("peerId", "that of another peer");
    const { type, bytes } = encode(message);
    const { priority, retryPolicy } = qos.getPolicy(type);
    const leave = (): Promise<void> => this.#leave(peerId, type, bytes, priority === "low", signal);
    if (!retryPolicy) return await leave();
    await retry(leave, { ...retryOptions(retryPolicy), signal, clock, rng });
  }

  /** Takes a message for this peer. @throws ProtocolError if it is malformed. */
  deliver(channel: Channel, message: EndMessage): void {
    this.#options.events.emit("message", { from: channel.peerId, ...readMessage(message) });
  }

  async #leave(
    peerId: string,
    type: string,
    bytes: Uint8Array,
    bulk: boolean,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<void> {
    const { channels } = this.#options.mesh;
    throwIfAborted(signal);
    const channel = channels.get(peerId, bulk) ?? (await channels.open(peerId, bulk, signal));
    await channel.send(bytes, type, { signal });
  }
}

/** Checks what TypeScript cannot. @throws ValidationError */
export function assertMessage(message: OutgoingMessage): OutgoingMessage {
  if (!isRecord(message)) throw invalid("the message", 'an object, as { type: "notification" }');
  assertName(message.type, "the message's type");
  return message;
}

/** @throws ValidationError */
function encode(message: OutgoingMessage): { type: string; bytes: Uint8Array } {
  const { type, data } = assertMessage(message);
  return { type, bytes: encodeMessage(type, data) };
}
