/** What the worker of a lifeline is started with. */
export interface LifelineTask {
  /** Where to listen. */
  readonly host: string;
  /** Of this process: the keys of all tickets come from it. */
  readonly secret: Uint8Array;
  /** One `BigInt64`: when the main thread last ticked, by `process.hrtime.bigint()`. */
  readonly ticked: SharedArrayBuffer;
}

/** What it says, once. */
export type FromLifeline =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "failed"; readonly code: string; readonly message: string };
