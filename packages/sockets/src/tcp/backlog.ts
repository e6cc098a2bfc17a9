import type { Socket } from "node:net";

/**
 * Bytes that a socket has read and that nobody has taken yet. They wait as they came. When too many do, the socket is
 * paused, so that a slow reader slows the sender down instead of filling the memory.
 */
export class Backlog {
  readonly #socket: Socket;
  readonly #highWaterMark: number;
  readonly #chunks: Buffer[] = [];
  #chunkBytes = 0;
  /** Of the chunk that was taken last. Below 0 where a message came in several: those before it were counted already. */
  #openBytes = 0;
  #isPaused = false;

  constructor(socket: Socket, highWaterMark: number) {
    this.#socket = socket;
    this.#highWaterMark = highWaterMark;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
  }

  /** To be called when nobody is about to take. */
  pauseIfFull(): void {
    const bytes = this.#bytes;
    if (this.#isPaused || bytes === 0 || bytes < this.#highWaterMark) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  /** The next chunk, to be cut into messages, once all of the one before was used. */
  open(): Buffer | undefined {
    const chunk = this.#chunks.shift();
    this.#openBytes = chunk?.length ?? 0;
    this.#chunkBytes -= this.#openBytes;
    if (this.#isPaused) this.#resumeIfEmpty();
    return chunk;
  }

  /** A message was taken. */
  use(bytes: number): void {
    this.#openBytes -= bytes;
    if (this.#isPaused) this.#resumeIfEmpty();
  }

  /** Nobody will take any more. */
  clear(): void {
    this.#chunks.length = 0;
  }

  get #bytes(): number {
    return this.#chunkBytes + Math.max(0, this.#openBytes);
  }

  #resumeIfEmpty(): void {
    if (this.#bytes > this.#highWaterMark / 2) return;
    this.#isPaused = false;
    this.#socket.resume();
  }
}
