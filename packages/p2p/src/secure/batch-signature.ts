import { type KeyObject, timingSafeEqual, verify } from "node:crypto";
import { AuthenticationError } from "@net/core";
import { type DeviceIdentity, publicKeyObject } from "@net/core/identity";
import { Hmac, putSha256 } from "./hmac.ts";

// What is signed of a batch (`enableMessageSigning`): the purpose, the channel, the direction, the batch's number in it, and
// the batch's SHA-256. So a signature is proof of one batch at one place of one conversation.

/** Which way a batch goes: from the end that dialled, or to it. */
export const Direction = { fromInitiator: 0, fromResponder: 1 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

const PURPOSE: Buffer = Buffer.from("net/p2p batch\0");
const CHANNEL_BYTES = 32;
const DIRECTION_AT: number = PURPOSE.length + CHANNEL_BYTES;
const COUNT_AT: number = DIRECTION_AT + 1;
const DIGEST_AT: number = COUNT_AT + 8;
const STATEMENT_BYTES: number = DIGEST_AT + 32;
const ED25519_BYTES = 64;
const HMAC_BYTES = 32;

export interface BatchSigner {
  readonly signatureBytes: number;
  /** The next batch's. */
  sign(batch: Uint8Array): Uint8Array;
}

export interface BatchVerifier {
  /** @throws AuthenticationError unless it is the next batch's. */
  check(batch: Uint8Array, signature: Uint8Array): void;
}

/** What is signed of one direction's batches, one after the other. */
class Statements {
  readonly #bytes: Buffer;
  #count = 0n;

  /** @param bytes where they are written. */
  constructor(bytes: Buffer, channel: Uint8Array, direction: Direction) {
    this.#bytes = bytes;
    bytes.set(PURPOSE);
    bytes.set(channel, PURPOSE.length);
    bytes.writeUInt8(direction, DIRECTION_AT);
  }

  next(batch: Uint8Array): Buffer {
    this.#bytes.writeBigUInt64BE(this.#count++, COUNT_AT);
    putSha256(this.#bytes, DIGEST_AT, batch);
    return this.#bytes;
  }
}

/** Signs with the device's key (Ed25519): others can be shown who said what. */
export function identitySigner(
  identity: DeviceIdentity,
  channel: Uint8Array,
  direction: Direction,
): BatchSigner {
  const statements = new Statements(Buffer.alloc(STATEMENT_BYTES), channel, direction);
  return {
    signatureBytes: ED25519_BYTES,
    sign: (batch) => identity.sign(statements.next(batch)),
  };
}

/** @param device the raw public key that the other end has proven to hold. */
export function identityVerifier(
  device: Uint8Array,
  channel: Uint8Array,
  direction: Direction,
): BatchVerifier {
  const statements = new Statements(Buffer.alloc(STATEMENT_BYTES), channel, direction);
  const key: KeyObject = publicKeyObject(device);
  return {
    check: (batch, signature) => {
      if (verify(null, statements.next(batch), key, signature)) return;
      throw new AuthenticationError("a batch is not signed by the device that sent it");
    },
  };
}

/** Signs and checks with what both ends know (HMAC-SHA256). */
export function secretSignatures(
  secret: Uint8Array,
  channel: Uint8Array,
  direction: Direction,
): BatchSigner & BatchVerifier {
  const hmac = new Hmac(secret);
  const statements = new Statements(Buffer.alloc(STATEMENT_BYTES), channel, direction);
  const sign = (batch: Uint8Array): Uint8Array => hmac.digest(statements.next(batch));
  return {
    signatureBytes: HMAC_BYTES,
    sign,
    check: (batch, signature) => {
      if (timingSafeEqual(sign(batch), signature)) return;
      throw new AuthenticationError("a batch is not signed with the signingKey of this peer");
    },
  };
}
