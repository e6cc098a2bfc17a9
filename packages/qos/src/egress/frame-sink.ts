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
