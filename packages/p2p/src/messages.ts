import { type Clock, type Emitter, type Logger, NetworkError, type Rng, retry } from "@net/core";
import { type QoSManager, retryOptions } from "@net/qos";
import type { OutgoingMessage, PeerNetworkEvents } from "./events.ts";
import type { Mesh } from "./mesh/mesh.ts";
import type { Parcel } from "./mesh/post.ts";
import { assertName, invalid } from "./names.ts";
import type { Envelope, Path } from "./wire/envelope.ts";
import { FrameKind } from "./wire/kinds.ts";
import { readMessage } from "./wire/message.ts";
import { encodePayload } from "./wire/payload.ts";

export interface MessagesOptions {
  readonly self: string;
  readonly mesh: Pick<Mesh, "post" | "routes" | "reachable">;
  readonly events: Emitter<PeerNetworkEvents>;
  /** How each type of message is treated. */
  readonly qos: Pick<QoSManager, "getPolicy">;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** Messages in both directions: sent once, never repeated, not acknowledged. */
export class Messages {
  readonly #options: MessagesOptions;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /** Resolves when it has left. One that could not leave is tried again as the policy of its type says. */
  async send(peerId: string, message: OutgoingMessage, signal?: AbortSignal): Promise<void> {
    const { self, mesh, qos, clock, rng } = this.#options;
    if (peerId === self) throw invalid("peerId", "that of another peer");
    const parcelFor = encode(message);
    const leave = (): Promise<void> => mesh.post.send(parcelFor(mesh.routes.to(peerId)), signal);
    const { retryPolicy } = qos.getPolicy(message.type);
    if (!retryPolicy) return await leave();
    await retry(leave, { ...retryOptions(retryPolicy), signal, clock, rng });
  }

  /** @returns to how many peers it is on its way. */
  broadcast(message: OutgoingMessage): number {
    const parcelFor = encode(message);
    const { mesh } = this.#options;
    return mesh.reachable().filter(({ peerId }) => this.#offer(peerId, parcelFor)).length;
  }

  /** Takes a message for this peer. @throws ProtocolError if it is malformed. */
  deliver({ frame, origin }: Envelope): void {
    this.#options.events.emit("message", { from: origin, ...readMessage(frame) });
  }

  #offer(peerId: string, parcelFor: (path: Path) => Parcel): boolean {
    const { mesh, logger } = this.#options;
    try {
      mesh.post.offer(parcelFor(mesh.routes.to(peerId)));
      return true;
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      logger.debug({ peerId, error }, "a broadcast was not sent");
      return false;
    }
  }
}

/** Encodes a message once, for however many go out. @throws ValidationError */
function encode({ type, data }: OutgoingMessage): (path: Path) => Parcel {
  const fields = { type: assertName(type, "the message's type") };
  const body = encodePayload(data);
  return (path) => ({ kind: FrameKind.message, path, fields, body });
}
