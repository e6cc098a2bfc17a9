import { ClosedError, OverloadedError, onAbort } from "@net/core";
import type { FrameSink } from "../../src/egress/frame-sink.ts";

/** A sink that takes as many frames as it is allowed to, and remembers them. */
export class Gate implements FrameSink {
  /** The first byte of every frame taken, in order. */
  readonly taken: number[] = [];
  /** How many `drained` calls wait. */
  waiting = 0;
  /** Called with each frame, before it is taken. */
  onSend: (frame: Uint8Array) => void = () => {};
  /** Whether it throws when shut, as an overloaded link does, instead of taking one last frame. */
  strict = false;
  #room: number;
  #opened = Promise.withResolvers<void>();

  constructor(room = 0) {
    this.#room = room;
  }

  send(frame: Uint8Array): boolean {
    this.onSend(frame);
    if (this.strict && this.#room === 0) throw new OverloadedError("the gate is shut");
    this.taken.push(frame[0] ?? -1);
    this.#room = Math.max(0, this.#room - 1);
    return this.#room > 0;
  }

  async drained({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const opened = Promise.withResolvers<void>();
    this.#opened.promise.then(opened.resolve, opened.reject);
    this.waiting += 1;
    using _listener = onAbort(signal, () => opened.reject(signal?.reason));
    await opened.promise.finally(() => {
      this.waiting -= 1;
    });
  }

  /** Lets that many frames more pass. */
  open(room: number): void {
    this.#room = room;
    this.#opened.resolve();
    this.#opened = Promise.withResolvers();
  }

  /** The link behind it dies. */
  die(): void {
    this.#opened.promise.catch(() => {});
    this.#opened.reject(new ClosedError("the link was lost"));
  }
}

/** A frame of `bytes` bytes that is recognised by its first. */
export function frame(mark: number, bytes = 1): Uint8Array {
  return new Uint8Array(bytes).fill(mark);
}
