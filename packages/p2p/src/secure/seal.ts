import { ProtocolError } from "@net/core";
import { type CipherState, TAG_BYTES } from "../noise/cipher-state.ts";
import { type BatchMac, MAC_BYTES } from "./batch-mac.ts";
import type { BatchSigner, BatchVerifier } from "./batch-signature.ts";

/**
 * How batches are protected: encrypted and authenticated; or, where a channel below encrypts already and is the very one
 * the handshake was bound to, authenticated only.
 */
export interface Seal {
  /** What it adds to a batch. */
  readonly overheadBytes: number;
  /** Each batch costs as much as many frames do: few large ones are worth to be waited for, as long as there is something to read. */
  readonly isCostly: boolean;
  /** @param room begins with the batch, of `length` bytes, and has room for the seal behind it. @returns the frame: the room, sealed. */
  close(room: Uint8Array, length: number): Uint8Array;
  /**
   * @returns the batch, which may be a view of the frame.
   * @throws ProtocolError unless this is the next batch that the other end closed; AuthenticationError for a signature that is
   * not its.
   */
  open(sealed: Uint8Array): Uint8Array;
}

const NOTHING: Uint8Array = new Uint8Array(0);

export function encryptingSeal(send: CipherState, receive: CipherState): Seal {
  return {
    overheadBytes: TAG_BYTES,
    isCostly: false,
    close: (room, length) => send.encryptInto(room, length, NOTHING),
    open: (sealed) => receive.decrypt(sealed, NOTHING),
  };
}

export function authenticatingSeal(send: BatchMac, receive: BatchMac): Seal {
  return {
    overheadBytes: MAC_BYTES,
    isCostly: false,
    close: (room, length) => {
      room.set(send.next(room.subarray(0, length)), length);
      return room;
    },
    open: (sealed) => {
      const length = sealed.byteLength - MAC_BYTES;
      if (length < 0) throw new ProtocolError("an authenticated batch is too short");
      const batch = sealed.subarray(0, length);
      receive.check(batch, sealed.subarray(length));
      return batch;
    },
  };
}

/** Signs what is sealed: the signature stands behind the batch, under the seal. */
export function signingSeal(inner: Seal, signer: BatchSigner, verifier: BatchVerifier): Seal {
  const { signatureBytes } = signer;
  return {
    overheadBytes: inner.overheadBytes + signatureBytes,
    isCostly: true,
    close: (room, length) => {
      room.set(signer.sign(room.subarray(0, length)), length);
      return inner.close(room, length + signatureBytes);
    },
    open: (sealed) => {
      const opened = inner.open(sealed);
      const length = opened.byteLength - signatureBytes;
      if (length < 0) throw new ProtocolError("a signed batch is too short");
      const batch = opened.subarray(0, length);
      verifier.check(batch, opened.subarray(length));
      return batch;
    },
  };
}
