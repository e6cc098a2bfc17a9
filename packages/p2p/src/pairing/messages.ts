import { isRecord, ProtocolError } from "@net/core";
import { parseJson } from "../wire/json.ts";

// What is said while a device is paired: JSON, one message per frame, bytes in base64url.

/** A request has a name and a proof; a grant all statements of an owner with some hundred devices. */
const MAX_MESSAGE_BYTES = 512 * 1024;
const MAX_STATEMENTS = 1_024;

export interface PairingRequest {
  /** The name that the new device would like. */
  readonly name: string;
  readonly proof: Uint8Array;
}

export interface PairingGrant {
  readonly proof: Uint8Array;
  /** The raw public key of the owner. */
  readonly owner: Uint8Array;
  readonly certificate: string;
  /** What the owner has said of other devices. */
  readonly statements: readonly string[];
}

export function encodeRequest({ name, proof }: PairingRequest): Uint8Array {
  return encode({ name, proof: text(proof) });
}

/** @throws ProtocolError */
export function readRequest(frame: Uint8Array): PairingRequest {
  const { name, proof } = decode(frame);
  if (typeof name !== "string") throw malformed();
  return { name, proof: bytes(proof) };
}

export function encodeGrant({ proof, owner, certificate, statements }: PairingGrant): Uint8Array {
  return encode({ proof: text(proof), owner: text(owner), certificate, statements });
}

/** @throws ProtocolError */
export function readGrant(frame: Uint8Array): PairingGrant {
  const { proof, owner, certificate, statements } = decode(frame);
  if (typeof certificate !== "string" || !areTexts(statements)) throw malformed();
  return { proof: bytes(proof), owner: bytes(owner), certificate, statements };
}

function encode(message: object): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify(message)));
}

function decode(frame: Uint8Array): Readonly<Record<string, unknown>> {
  if (frame.byteLength > MAX_MESSAGE_BYTES) throw malformed();
  const message = parseJson(frame, "a pairing message");
  if (isRecord(message)) return message;
  throw malformed();
}

function text(value: Uint8Array): string {
  return Buffer.from(value).toString("base64url");
}

function bytes(value: unknown): Uint8Array {
  if (typeof value !== "string") throw malformed();
  return new Uint8Array(Buffer.from(value, "base64url"));
}

function areTexts(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length <= MAX_STATEMENTS &&
    value.every((each) => typeof each === "string")
  );
}

function malformed(): ProtocolError {
  return new ProtocolError("a pairing message is not what it must be");
}
