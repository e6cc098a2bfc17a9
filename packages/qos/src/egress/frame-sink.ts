import { isRecord, ValidationError } from "@net/core";

/** Where frames go: the sending half of a `Link`, which fits as it is. */
export interface FrameSink {
  /** The largest frame it carries. Default: any. */
  readonly maxFrameBytes?: number;
  /**
   * Takes a frame and its bytes; false asks to await `drained` before the next one.
   *
   * @throws OverloadedError if it did not take it and `drained` will say when to try again. Any other error is the end
   *   of the queue in front of it.
   */
  send(frame: Uint8Array): boolean;
  /** Resolves when it takes frames again. @throws ClosedError when it never will. */
  drained(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/** @throws ValidationError */
export function assertSink(sink: FrameSink): void {
  const fits = isRecord(sink) && [sink.send, sink.drained].every((it) => typeof it === "function");
  if (!fits) throw new ValidationError("a sink must have the methods send and drained");
}
