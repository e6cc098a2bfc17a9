import {
  type Clock,
  ClosedError,
  type CloseReason,
  type CloseRequest,
  NetworkError,
} from "@net/core";
import type { DeviceCertificate } from "@net/core/identity";
import { CHUNK_BYTES, type EgressQueue, type FrameSink, type QoSManager } from "@net/qos";
import { type Rights, rightsOf } from "../admission/grants.ts";
import type { Acquaintance } from "../links/handshake.ts";
import type { HandshakeChannel } from "../links/handshake-channel.ts";
import { closeRequestFor } from "../links/refusal.ts";
import type { EndMessage } from "../wire/calls.ts";
import { encodeCredit } from "../wire/control.ts";
import { encodeFrame, type Frame } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";
import { joined, type MessageParts } from "../wire/parts.ts";
import { FlowCredit } from "./flow-credit.ts";
import { Intake } from "./intake.ts";
import { Outbox, type SendOptions } from "./outbox.ts";
import { SendRoom } from "./send-room.ts";
import type { ChannelWatch, StartWatch } from "./watch.ts";

export interface ChannelOptions {
  readonly secured: HandshakeChannel;
  readonly other: Acquaintance;
  /** How many links it goes over. */
  readonly hops: number;
  readonly clock: Clock;
  readonly qos: QoSManager;
  readonly watch: StartWatch;
  /** The largest message that this end takes, or sends: the other end may take less. */
  readonly maxMessageBytes: number;
  readonly observer: ChannelObserver;
}

/** Takes what comes over channels. What its methods throw ends the channel, if it is a `NetworkError`. */
export interface ChannelObserver {
  /** A message of the other end. */
  message(channel: Channel, message: EndMessage, bytes: number): void;
  /**
   * A frame between neighbours. @param release to be called when it takes no room here any more, and whoever got it has no view
   * of it; unless this returns true: then it takes none already.
   */
  frame(channel: Channel, frame: Frame, release: () => void): boolean;
}

/** How urgent control frames are, and messages like them: see PeerNode for the policies. */
export const CONTROL = "control";
/** What is urgent and too large to go beside the receiver's credit. */
export const URGENT_PIECES = "urgent";

/** How much may wait for the link: at least this, */
const MIN_QUEUE_BYTES: number = 4 * 1024 * 1024;
/** and so many of the largest messages: twice what may be on its way in pieces, see SendRoom. */
const QUEUED_MESSAGES = 8;

/**
 * A secured and authenticated conversation with one peer, over a link or through relays: messages of any size up to a
 * limit, by priority and under the receiver's credit, and a heartbeat.
 */
export class Channel {
  readonly peerId: string;
  readonly peerName: string;
  readonly capabilities: readonly string[];
  /** Which tools the peer may call here. */
  readonly rights: Rights;
  /** By which its owner vouches for it, if one does. */
  readonly certificate: DeviceCertificate | undefined;
  /** The raw public key of the device. */
  readonly device: Uint8Array;
  readonly address: string;
  readonly hops: number;
  readonly connectedAtMs: number;
  readonly closed: Promise<CloseReason>;
  readonly #options: ChannelOptions;
  readonly #credit: FlowCredit;
  readonly #egress: EgressQueue;
  readonly #room: SendRoom;
  readonly #outbox: Outbox;
  readonly #watch: ChannelWatch;
  readonly #intake: Intake;
  #isOpen = true;
  #users = 0;
  #usedAtMs: number;

  constructor(options: ChannelOptions) {
    const { secured, other, clock, qos, hops } = options;
    this.#options = options;
    this.peerId = other.peerId;
    this.peerName = other.peerName;
    this.capabilities = other.capabilities;
    this.rights = rightsOf(other.standing);
    this.certificate = other.standing.certificate;
    this.device = secured.device;
    this.address = secured.link.remoteAddress;
    this.hops = hops;
    this.connectedAtMs = clock.nowMs();
    this.#usedAtMs = clock.monotonicMs();
    this.#credit = new FlowCredit(clock, (limitBytes) => this.control(encodeCredit(limitBytes)));
    const maxMessageBytes = Math.min(options.maxMessageBytes, other.maxMessageBytes);
    this.#egress = qos.createEgress(other.peerId, this.#sink(), {
      credit: this.#credit.sending,
      maxBytes: Math.max(MIN_QUEUE_BYTES, QUEUED_MESSAGES * maxMessageBytes),
    });
    this.#room = new SendRoom({ maxMessageBytes, clock });
    this.#outbox = new Outbox(this.#egress, this.#room, clock);
    this.#watch = options.watch(this);
    this.#intake = this.#makeIntake();
    this.closed = secured.link.closed.then((reason) => this.#ended(reason));
  }

  /** False once it has ended, as far as this end knows. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether what is offered now waits for others before it. */
  get isQueueing(): boolean {
    return this.#egress.queuedFrames > 0 || !this.#room.isIdle;
  }

  /** How long nobody has used it, in ms; 0 while somebody waits for an answer. */
  idleMs(): number {
    return this.#users > 0 ? 0 : this.#options.clock.monotonicMs() - this.#usedAtMs;
  }

  /** Somebody begins to wait for an answer, here or at the other end. */
  begin(): void {
    this.#users += 1;
  }

  /** He waits no longer. */
  end(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#usedAtMs = this.#options.clock.monotonicMs();
  }

  /** Lets frames in. Until this is called they wait. */
  open(): void {
    this.#options.secured.handOver((bytes) => this.#intake.receive(bytes));
  }

  /** Sends a message to the other end when its turn comes. @throws OverloadedError, ClosedError: it was not taken. */
  offer(message: Uint8Array, type: string): void {
    if (!this.#isUrgent(type)) this.#outbox.offer(message, type);
    else if (message.byteLength < CHUNK_BYTES) this.offerFrame(urgent(message), CONTROL);
    else this.#outbox.offer(message, URGENT_PIECES);
  }

  /**
   * Sends a part of a stream, in its order among those of its type: without a promise as long as little waits here.
   *
   * @throws, or rejects with, what {@link Channel.offer} throws; AbortedError.
   */
  stream(message: MessageParts, type: string, signal: AbortSignal): Promise<void> | undefined {
    if (!this.#isUrgent(type)) return this.#outbox.stream(message, type, signal);
    this.offer(joined(message), type);
    return undefined;
  }

  /** Sends a message and waits until the link has it. @throws as {@link Channel.offer}; AbortedError; NetworkTimeoutError. */
  async send(message: Uint8Array, type: string, options?: SendOptions): Promise<void> {
    if (this.#isUrgent(type)) this.offer(message, type);
    else await this.#outbox.send(message, type, options);
  }

  /** Sends a frame to a neighbour when its turn comes. @throws OverloadedError, ClosedError: it was not taken. */
  offerFrame(frame: Uint8Array, type: string, onSettled?: () => void): void {
    // Of a session that it is part of, nothing after it would be believed.
    this.#egress.offer(frame, type, onSettled && { onSettled, refusable: false });
  }

  /** What the link has leaves now, and not at the end of the tick. */
  flush(): void {
    this.#options.secured.link.flush();
  }

  /** Passes on a frame of somebody else, who wants something in return. */
  forward(frame: Uint8Array, type: string, onSettled: () => void): void {
    this.offerFrame(frame, type, onSettled);
    this.#watch.asked();
  }

  /**
   * Sends a control frame before all else, or not at all: what does not leave was not urgent enough, the next probe will
   * show it, and a credit is a total.
   */
  control(frame: Uint8Array): void {
    try {
      this.offerFrame(frame, CONTROL);
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
    }
  }

  /** How long the way there and back takes: the receiver's credit follows from it. */
  measured(rttMs: number): void {
    this.#credit.roundTrip(rttMs);
  }

  async close(reason: CloseRequest): Promise<void> {
    this.#isOpen = false;
    await this.#options.secured.link.close(reason);
  }

  abort(reason: CloseRequest): void {
    this.#isOpen = false;
    this.#options.secured.link.abort(reason);
  }

  /** The link; when it has taken what was waiting for it, the other end has too. */
  #sink(): FrameSink {
    const { link } = this.#options.secured;
    return {
      maxFrameBytes: link.maxFrameBytes,
      send: (frame) => {
        this.#credit.leaving();
        return link.send(frame);
      },
      drained: async (options) => {
        await link.drained(options);
        this.#watch.progressed();
      },
    };
  }

  #makeIntake(): Intake {
    const { secured, observer, maxMessageBytes } = this.#options;
    return new Intake({
      ...{ channel: this, link: secured.link, credit: this.#credit, watch: this.#watch },
      ...{ observer, maxMessageBytes },
      onRefused: (error) => void this.close(closeRequestFor(error)),
    });
  }

  /** Credit must not keep it back: then it goes as a frame that credit does not count, which must be told at once. */
  #isUrgent(type: string): boolean {
    return this.#options.qos.getPolicy(type).priority === "critical";
  }

  #ended(reason: CloseReason): CloseReason {
    this.#isOpen = false;
    this.#watch[Symbol.dispose]();
    this.#room.close(new ClosedError("the channel has ended", { cause: reason.error }));
    this.#egress.close(reason.error);
    this.#credit.close();
    return reason;
  }
}

function urgent(message: Uint8Array): Uint8Array {
  return encodeFrame(FrameKind.urgent, message);
}
