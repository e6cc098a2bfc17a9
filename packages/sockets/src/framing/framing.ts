/**
 * How messages lie in a byte stream: `raw`, `lengthPrefix`, `delimiter`, or one of your own. Both ends must use
 * the same.
 */
export interface Framing {
  /**
   * Writes the bytes of one message.
   *
   * @throws ValidationError if it cannot be sent this way; what was written of it is taken back.
   */
  encode(message: Uint8Array, out: MessageWriter): void;
  /** A decoder for one connection. */
  decoder(): MessageDecoder;
}

/** Where a {@link Framing} writes. */
export interface MessageWriter {
  /** An unsigned 32-bit number, big-endian. */
  writeUInt32BE(value: number): void;
  write(bytes: Uint8Array): void;
}

/** Cuts one connection's bytes into messages. */
export interface MessageDecoder {
  /** More bytes. They are the decoder's from now on: messages may be views of them, and what is used up may be freed. */
  push(chunk: Buffer): void;
  /** The next whole message, if there is one. @throws ProtocolError when the bytes are no message. */
  next(): Uint8Array | undefined;
  /** The stream ended here. @throws ProtocolError if that is inside a message. */
  end(): void;
}

/** The largest message, unless the framing is told otherwise: 1 MiB. */
export const DEFAULT_MAX_MESSAGE_BYTES: number = 1024 * 1024;
