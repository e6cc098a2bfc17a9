import { ProtocolError } from "@net/core";
import { type CipherState, TAG_BYTES } from "../noise/cipher-state.ts";

/** What a seal adds to a batch. */
export const SEAL_BYTES: number = TAG_BYTES;

/**
 * How batches are protected: encrypted and authenticated; or, where a channel below encrypts already and is the very one
 * the handshake was bound to, authenticated only.
 */
export interface Seal {
  close(batch: Uint8Array): Uint8Array;
  /** @throws ProtocolError unless this is the next batch that the other end closed. */
  open(sealed: Uint8Array): Uint8Array;
}

const NOTHING: Uint8Array = new Uint8Array(0);

export function encryptingSeal(send: CipherState, receive: CipherState): Seal {
  return {
    close: (batch) => send.encrypt(batch, NOTHING),
    open: (sealed) => receive.decrypt(sealed, NOTHING),
  };
}

export function authenticatingSeal(send: CipherState, receive: CipherState): Seal {
  return {
    close: (batch) => Buffer.concat([batch, send.tag(batch)]),
    open: (sealed) => {
      const length = sealed.byteLength - TAG_BYTES;
      if (length < 0) throw new ProtocolError("an authenticated batch is too short");
      const batch = sealed.subarray(0, length);
      receive.check(batch, sealed.subarray(length));
      return batch;
    },
  };
}
