import { abortedError, LinkedList, onAbort } from "@net/core";
import type { EgressQueue } from "@net/qos";
import { fitsFrame, type MessageParts, sizeOf } from "../wire/parts.ts";
import { MessageFrames, type PooledFrame } from "./message-frames.ts";
import type { Room } from "./partial-limit.ts";
import type { SendRoom } from "./send-room.ts";

/**
 * As long as less than this waits, streams go on without waiting: what stands in the queue leaves in one go when the link
 * takes more, and what is more urgent still overtakes it.
 */
const AHEAD_BYTES: number = 256 * 1024;

/** Gives messages that go in pieces their numbers. */
export interface MessageNumbers {
  next(): number;
  /** The rest of that message does not come; its room is left once the other end was told. */
  abandon(number: number, type: string, room: Room): void;
}

interface Waiter {
  readonly message: MessageParts;
  readonly type: string;
  readonly room: Room | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends the parts of all streams of a channel: each one whole, those that came first first, and not many ahead of what the link
 * takes. So there is never more than one in pieces at the other end, however many streams there are.
 */
export class StreamOutbox {
  readonly #egress: EgressQueue;
  readonly #room: SendRoom;
  readonly #numbers: MessageNumbers;
  readonly #waiting = new LinkedList<Waiter>();
  /** In the queue, and not with the link yet. */
  #aheadBytes = 0;
  #isServing = false;

  constructor(egress: EgressQueue, room: SendRoom, numbers: MessageNumbers) {
    this.#egress = egress;
    this.#room = room;
    this.#numbers = numbers;
  }

  /**
   * Sends a part of a stream, whose bytes it copies: without a promise as long as few wait, and otherwise when its turn comes.
   *
   * @throws, or rejects with, what the queue's `offer` throws; ValidationError `FRAME_TOO_LARGE`; AbortedError.
   */
  send(message: MessageParts, type: string, signal: AbortSignal): Promise<void> | undefined {
    if (fitsFrame(message)) return this.#send(message, type, signal, undefined);
    const room = this.#room.tryEnter(sizeOf(message));
    return room ? this.#send(message, type, signal, room) : this.#enter(message, type, signal);
  }

  async #enter(message: MessageParts, type: string, signal: AbortSignal): Promise<void> {
    const room = await this.#room.enter(sizeOf(message), { signal });
    await this.#send(message, type, signal, room);
  }

  #send(
    message: MessageParts,
    type: string,
    signal: AbortSignal,
    room: Room | undefined,
  ): Promise<void> | undefined {
    if (this.#waiting.size > 0 || !this.#hasRoom) return this.#wait(message, type, signal, room);
    this.#offer(message, type, room);
    return undefined;
  }

  get #hasRoom(): boolean {
    return this.#aheadBytes < AHEAD_BYTES;
  }

  async #wait(
    message: MessageParts,
    type: string,
    signal: AbortSignal,
    room: Room | undefined,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const place = this.#waiting.add({ message, type, room, resolve, reject });
    // Also if it has aborted already.
    using _listener = onAbort(signal, () => {
      if (!place.list) return;
      place.remove();
      room?.leave();
      reject(abortedError(signal));
    });
    await promise;
  }

  #offer(message: MessageParts, type: string, room: Room | undefined): void {
    const frames = new MessageFrames(message, () => this.#numbers.next());
    try {
      for (let isLast = frames.isOver; !isLast; ) {
        const frame = frames.next();
        isLast = frames.isOver;
        this.#offerFrame(frame, type, isLast ? room : undefined);
      }
    } catch (error) {
      if (frames.number !== undefined && room) this.#numbers.abandon(frames.number, type, room);
      throw error;
    }
  }

  /** It is never refused for having waited long: the receiver's credit limits how much there may be. */
  #offerFrame({ bytes, release }: PooledFrame, type: string, room: Room | undefined): void {
    const size = bytes.byteLength;
    const onSettled = (): void => {
      release?.();
      room?.leave();
      this.#aheadBytes -= size;
      this.#serve();
    };
    this.#aheadBytes += size;
    try {
      this.#egress.offer(bytes, type, { onSettled, refusable: false });
    } catch (error) {
      this.#aheadBytes -= size;
      throw error;
    }
  }

  /** Whose turn it is. What leaves meanwhile finds this loop at work. */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#hasRoom && this.#waiting.size > 0) this.#serveNext();
    this.#isServing = false;
  }

  #serveNext(): void {
    const next = this.#waiting.takeFirst();
    if (!next) return;
    try {
      this.#offer(next.message, next.type, next.room);
      next.resolve();
    } catch (error) {
      next.reject(error);
    }
  }
}
