import { type Clock, type CloseReason, type CloseRequest, NetworkError } from "@net/core";
import type { DeviceCertificate } from "@net/core/identity";
import type { EgressQueue, QoSManager } from "@net/qos";
import { type Grants, grantsOf } from "../admission/grants.ts";
import { decodeFrame, type Frame } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";
import { encodePing, encodePong, readProbe } from "../wire/probe.ts";
import type { Acquaintance } from "./handshake.ts";
import type { HandshakeChannel } from "./handshake-channel.ts";
import { Heartbeat } from "./heartbeat.ts";
import { closeRequestFor } from "./refusal.ts";

/** The types of messages, for which `QoSManager` has policies: how urgent each is. */
export type MessageType =
  | "heartbeat"
  | "notice"
  | "advert"
  | "tool-call"
  | "tool-result"
  | "message";

export interface PeerLinkOptions {
  readonly channel: HandshakeChannel;
  readonly other: Acquaintance;
  readonly clock: Clock;
  readonly qos: QoSManager;
  readonly heartbeatInterval: number;
  /** Every frame that is not a ping or a pong. May throw a `ProtocolError`: then the link ends. */
  readonly onFrame: (link: PeerLink, frame: Frame) => void;
  /** The round-trip time or the loss of probes was measured anew. */
  readonly onMeasured: (link: PeerLink) => void;
}

/** A link to a neighbour that both ends have agreed on. */
export class PeerLink {
  readonly peerId: string;
  readonly peerName: string;
  readonly capabilities: readonly string[];
  /** Which tools with a `permission` the neighbour may call here. */
  readonly grants: Grants;
  /** By which its owner vouches for it, if one does. */
  readonly certificate: DeviceCertificate | undefined;
  /** The raw public key of the device. */
  readonly device: Uint8Array;
  readonly address: string;
  readonly connectedAtMs: number;
  readonly closed: Promise<CloseReason>;
  readonly #options: PeerLinkOptions;
  readonly #egress: EgressQueue;
  readonly #heartbeat: Heartbeat;

  constructor(options: PeerLinkOptions) {
    const { channel, other, clock, qos } = options;
    this.peerId = other.peerId;
    this.peerName = other.peerName;
    this.capabilities = other.capabilities;
    this.grants = grantsOf(other.standing);
    this.certificate = other.standing.certificate;
    this.device = channel.device;
    this.address = channel.link.remoteAddress;
    this.connectedAtMs = clock.nowMs();
    this.#options = options;
    this.#egress = qos.createEgress(other.peerId, channel.link);
    this.#heartbeat = this.#startHeartbeat();
    this.closed = channel.link.closed.then((reason) => this.#ended(reason));
  }

  /** Lets frames in. Until this is called they wait. */
  open(): void {
    this.#options.channel.handOver((bytes) => this.#receive(bytes));
  }

  /** Sends a frame when its turn comes. @throws OverloadedError, ClosedError, ValidationError: it was not taken. */
  offer(frame: Uint8Array, type: MessageType): void {
    this.#egress.offer(frame, type);
  }

  /** Sends a frame and waits until the link has it. @throws as {@link PeerLink.offer}; AbortedError. */
  async send(frame: Uint8Array, type: MessageType, signal?: AbortSignal): Promise<void> {
    await this.#egress.send(frame, { type, signal });
  }

  async close(reason: CloseRequest): Promise<void> {
    await this.#options.channel.link.close(reason);
  }

  abort(reason: CloseRequest): void {
    this.#options.channel.link.abort(reason);
  }

  #ended(reason: CloseReason): CloseReason {
    this.#heartbeat[Symbol.dispose]();
    this.#egress.close(reason.error);
    return reason;
  }

  #receive(bytes: Uint8Array): void {
    this.#heartbeat.heard();
    try {
      this.#handle(decodeFrame(bytes));
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      void this.close(closeRequestFor(error));
    }
  }

  #handle(frame: Frame): void {
    if (frame.kind === FrameKind.ping) this.#probe(encodePong(readProbe(frame)));
    else if (frame.kind === FrameKind.pong) this.#heartbeat.answered(readProbe(frame));
    else this.#options.onFrame(this, frame);
  }

  #startHeartbeat(): Heartbeat {
    const { clock, qos, heartbeatInterval, onMeasured } = this.#options;
    return new Heartbeat({
      interval: heartbeatInterval,
      clock,
      ping: (number) => this.#probe(encodePing(number)),
      onRoundTrip: (rttMs) => {
        qos.recordLatency(this.peerId, rttMs);
        qos.recordLoss(this.peerId, false);
        onMeasured(this);
      },
      onLost: () => {
        qos.recordLoss(this.peerId, true);
        onMeasured(this);
      },
      onDead: () => this.abort({ code: "timeout", message: "nothing was heard of it" }),
    });
  }

  /** A probe that cannot leave is a lost probe: the heartbeat will notice. */
  #probe(frame: Uint8Array): void {
    try {
      this.offer(frame, "heartbeat");
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
    }
  }
}
