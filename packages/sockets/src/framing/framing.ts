/**
 * How messages lie in a byte stream: `raw`, `lengthPrefix`, `delimiter`, or one of your own. Both ends must use
 * the same.
 */
export interface Framing {
  /** The bytes to write for one message, in parts. @throws ValidationError if it cannot be sent this way. */
  encode(message: Uint8Array): readonly Uint8Array[];
  /** A decoder for one connection. */
  decoder(): MessageDecoder;
}

/** Cuts one connection's bytes into messages. */
export interface MessageDecoder {
  push(chunk: Buffer): void;
  /** The next whole message, if there is one. @throws ProtocolError when the bytes are no message. */
  next(): Uint8Array | undefined;
  /** The stream ended here. @throws ProtocolError if that is inside a message. */
  end(): void;
}

/** The largest message, unless the framing is told otherwise: 1 MiB. */
export const DEFAULT_MAX_MESSAGE_BYTES: number = 1024 * 1024;
