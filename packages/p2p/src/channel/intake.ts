import { NetworkError, ProtocolError } from "@net/core";
import { decodeEndMessage } from "../wire/calls.ts";
import { readCredit } from "../wire/control.ts";
import { decodeFrame, type Frame } from "../wire/frame.ts";
import { FrameKind, isControl, isMessage } from "../wire/kinds.ts";
import { isLiveness } from "../wire/liveness.ts";
import { decodePiece, PieceState } from "../wire/piece.ts";
import { Assembly } from "./assembly.ts";
import type { Channel, ChannelObserver } from "./channel.ts";
import type { FlowCredit } from "./flow-credit.ts";
import type { ChannelWatch } from "./watch.ts";

export interface IntakeOptions {
  readonly channel: Channel;
  readonly link: IntakeLink;
  readonly credit: FlowCredit;
  readonly watch: ChannelWatch;
  readonly observer: ChannelObserver;
  readonly maxMessageBytes: number;
  /** What came breaks the protocol, or whoever got it refuses it. */
  readonly onRefused: (error: NetworkError) => void;
}

/** Where frames come from. */
export interface IntakeLink {
  readonly batchesReceived: number;
  spent(frame: Uint8Array): void;
}

/** What comes over a channel: each frame is counted against its credit, and goes to whom it is for. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #assembly: Assembly;
  /** The batch of the link that was heard last. */
  #heardBatch = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#assembly = new Assembly(options.maxMessageBytes);
  }

  receive(bytes: Uint8Array): void {
    const { link, watch, onRefused } = this.#options;
    const { batchesReceived } = link;
    if (this.#heardBatch !== batchesReceived) watch.heard();
    this.#heardBatch = batchesReceived;
    try {
      this.#take(bytes);
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      onRefused(error);
    }
  }

  #take(bytes: Uint8Array): void {
    const { credit } = this.#options;
    const kind = bytes[0] ?? 0;
    const size = bytes.byteLength;
    if (isControl(kind)) {
      this.#takeControl(decodeFrame(bytes));
      return;
    }
    credit.received(size);
    if (isMessage(kind)) this.#takeMessage(bytes);
    else if (kind === FrameKind.piece) this.#takePiece(bytes);
    else if (!this.#takeFrame(decodeFrame(bytes), bytes)) return;
    credit.consumed(size);
  }

  #takeControl(frame: Frame): void {
    const { credit, watch, observer, channel } = this.#options;
    if (frame.kind === FrameKind.credit) credit.granted(readCredit(frame));
    else if (frame.kind === FrameKind.urgent) this.#takeMessage(frame.body);
    else if (isAboutLife(frame.kind)) watch.receive(frame);
    else observer.frame(channel, frame, () => {});
  }

  #takeMessage(bytes: Uint8Array): void {
    const { observer, channel } = this.#options;
    observer.message(channel, decodeEndMessage(bytes), bytes.byteLength);
  }

  #takePiece(frame: Uint8Array): void {
    const { message, state, bytes } = decodePiece(frame);
    if (state === PieceState.abandoned) {
      this.#assembly.abandon(message);
      return;
    }
    const whole = this.#assembly.add(message, bytes, state === PieceState.last);
    if (whole) this.#takeMessage(whole);
  }

  /** @returns whether it takes no room any more. */
  #takeFrame(frame: Frame, bytes: Uint8Array): boolean {
    if (frame.kind <= FrameKind.ready) throw new ProtocolError("a frame of a handshake came late");
    const { observer, channel, credit, link } = this.#options;
    return observer.frame(channel, frame, () => {
      if (channel.isOpen) credit.consumed(bytes.byteLength);
      link.spent(bytes);
    });
  }
}

function isAboutLife(kind: number): boolean {
  return isLiveness(kind) || kind === FrameKind.lifeline;
}
