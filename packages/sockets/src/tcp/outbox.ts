import type { Socket } from "node:net";
import { type NetworkError, OVERLOAD_FACTOR, OverloadedError } from "@net/core";
import type { Framing } from "../framing/framing.ts";
import { WriteBatch } from "./write-batch.ts";

export interface OutboxOptions {
  readonly framing: Framing;
  readonly highWaterMark: number;
  /** Where it leads. */
  readonly address: string;
  /** Something has left. */
  readonly onProgress: () => void;
}

/** What one connection sends: the messages of a tick leave together, and whoever fills it up waits for room. */
export class Outbox {
  readonly #socket: Socket;
  readonly #options: OutboxOptions;
  readonly #batch = new WriteBatch();
  #room: PromiseWithResolvers<void> | undefined;
  #isCollecting = false;
  /** Bytes handed to the socket that have not left it. */
  #writing = 0;
  /** Writes under way with bytes that are their owners'. */
  #borrowing = 0;

  constructor(socket: Socket, options: OutboxOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Bytes that wait to leave. */
  get bytes(): number {
    return this.#batch.bytes + this.#writing;
  }

  /** Whether messages of this tick wait to be written. */
  get isCollecting(): boolean {
    return this.#isCollecting;
  }

  /**
   * Takes a message.
   *
   * @returns undefined if the next may come at once; else a promise that resolves when no more than the high-water mark
   * waits, and no bytes but copies. Rejects when the connection ends before.
   * @throws OverloadedError when four high-water marks wait; what the framing throws. Nothing was taken then.
   */
  add(message: Uint8Array): Promise<void> | undefined {
    this.#assertRoom();
    this.#batch.add(message, this.#options.framing);
    if (!this.#isCollecting) {
      this.#isCollecting = true;
      process.nextTick(flush, this);
    }
    if (this.#hasRoom()) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Writes what was collected. */
  flush(): void {
    this.#isCollecting = false;
    const { bytes, isBorrowing } = this.#batch;
    const parts = this.#batch.take();
    const last = parts.length - 1;
    if (last < 0 || !this.#socket.writable) return;
    this.#writing += bytes;
    if (isBorrowing) this.#borrowing++;
    this.#socket.cork();
    for (const [i, part] of parts.entries()) {
      if (i < last) this.#socket.write(part);
      else this.#socket.write(part, (error) => this.#written(bytes, isBorrowing, error));
    }
    this.#socket.uncork();
  }

  /** Nothing more leaves: whoever waits learns why. */
  end(error: NetworkError): void {
    this.#room?.reject(error);
    this.#room = undefined;
  }

  #assertRoom(): void {
    const { bytes } = this;
    const { highWaterMark, address } = this.#options;
    if (bytes <= OVERLOAD_FACTOR * highWaterMark) return;
    throw new OverloadedError(
      `${bytes} bytes wait for ${address}: await send() before sending more`,
    );
  }

  #hasRoom(): boolean {
    if (this.#borrowing > 0 || this.#batch.isBorrowing) return false;
    return this.bytes <= this.#options.highWaterMark;
  }

  #written(bytes: number, wasBorrowing: boolean, error: Error | null | undefined): void {
    this.#writing -= bytes;
    if (wasBorrowing) this.#borrowing--;
    if (error) return; // The socket's own event says it.
    this.#options.onProgress();
    if (!this.#room || !this.#hasRoom()) return;
    this.#room.resolve();
    this.#room = undefined;
  }
}

function flush(outbox: Outbox): void {
  outbox.flush();
}
