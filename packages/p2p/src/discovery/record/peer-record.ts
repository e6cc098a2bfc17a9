import { AuthenticationError, ValidationError } from "@net/core";
import { type DeviceIdentity, verifySignature } from "@net/core/identity";
import { hostAndPort } from "../../address.ts";
import { isName } from "../../names.ts";
import { packTexts, readTexts, unpackTexts } from "./texts.ts";

// A peer's record: who it is and where to dial it, signed by its device. It is a list of `key=value` strings whose last
// is the signature over all bytes before it, so that nothing is encoded anew to be checked.

/** A record fits a datagram, together with what is around it, on every link (RFC 8200 §5: 1,280 bytes). */
export const MAX_RECORD_BYTES = 1_024;
/** Where a peer can be dialled; none at all says that it is gone. */
export const MAX_ADDRESSES = 8;
const MAX_ADDRESS_LENGTH = 240;
/** A key that was lost, or a device that was sold, is not announced for longer by whoever recorded it. */
const MAX_LIFETIME = 7 * 24 * 60 * 60 * 1_000;

/** What the signature is for: a signature over the same bytes for another purpose is none. */
const PURPOSE: Buffer = Buffer.from("net peer record 1\n");
const VERSION = "1";

/** What a peer says of itself. */
export interface PeerClaims {
  readonly networkId: string;
  readonly peerId: string;
  readonly peerName: string;
  /** Where to dial it, best first; at most 8. */
  readonly addresses: readonly string[];
}

/** A peer's word about itself, with its device's signature. It proves who said it, not who is at those addresses. */
export interface PeerRecord extends PeerClaims {
  /** The raw Ed25519 key of the device that signed it. */
  readonly publicKey: Uint8Array;
  /** Of two records of one device the later counts. By the clock of the device. */
  readonly issuedAtMs: number;
  /** By the clock of the device. */
  readonly expiresAtMs: number;
  /** As it travels. */
  readonly bytes: Uint8Array;
}

/** How long a record is good. */
export interface Validity {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** @throws ValidationError if something is too long, no name, or no address with host and port. */
export function signRecord(
  claims: PeerClaims,
  validity: Validity,
  identity: DeviceIdentity,
): PeerRecord {
  const { publicKey } = identity;
  const checked = assertClaims(claims);
  const signed = packTexts([
    ...textsOf(checked),
    ...[`iat=${validity.issuedAtMs}`, `exp=${validity.expiresAtMs}`],
    `key=${base64(publicKey)}`,
  ]);
  const signature = identity.sign(Buffer.concat([PURPOSE, signed]));
  const bytes = Buffer.concat([signed, packTexts([`sig=${base64(signature)}`])]);
  if (bytes.length <= MAX_RECORD_BYTES) return { ...checked, ...validity, publicKey, bytes };
  throw new ValidationError(
    `a peer's record has at most ${MAX_RECORD_BYTES} bytes, not ${bytes.length}: give it fewer or shorter addresses`,
  );
}

/** The strings of a record that nobody signed: everybody may say the same. */
export function unsignedRecord(claims: PeerClaims): Uint8Array {
  return packTexts(textsOf(assertClaims(claims)));
}

/**
 * Reads a record and checks its signature. Whether it has run out is the caller's to say, by {@link isExpired}.
 *
 * @throws ValidationError if it is none; AuthenticationError if its signature is not that of its key.
 */
export function readRecord(bytes: Uint8Array): PeerRecord {
  const texts = bytes.byteLength <= MAX_RECORD_BYTES ? unpackTexts(bytes) : undefined;
  const values = readTexts(texts ?? []);
  const claims = readClaims(values);
  const publicKey = bytesOf(values.get("key"), 32);
  const validity = readValidity(values);
  if (!claims || !publicKey || !validity) throw new ValidationError("this is no peer's record");
  assertSigned(bytes, texts?.at(-1), publicKey);
  return { ...claims, ...validity, publicKey, bytes };
}

/** What texts say, signed or not; undefined if they are no record of this version. */
export function readClaims(values: ReadonlyMap<string, string>): PeerClaims | undefined {
  const [networkId, peerId] = [values.get("net"), values.get("id")];
  const peerName = values.get("name") ?? peerId;
  const addresses = readAddresses(values);
  if (values.get("txtvers") !== VERSION || !addresses) return undefined;
  if (!isName(networkId) || !isName(peerId) || !isName(peerName)) return undefined;
  return { networkId, peerId, peerName, addresses };
}

/** Whether its time is over, or it claims more time than any record may. */
export function isExpired({ issuedAtMs, expiresAtMs }: Validity, nowMs: number): boolean {
  return expiresAtMs <= nowMs || expiresAtMs - issuedAtMs > MAX_LIFETIME;
}

/** True for an address that others can dial, short enough for a record. */
export function isDialAddress(address: string): boolean {
  return address.length <= MAX_ADDRESS_LENGTH && hostAndPort(address) !== undefined;
}

function assertClaims({ networkId, peerId, peerName, addresses }: PeerClaims): PeerClaims {
  if (![networkId, peerId, peerName].every(isName)) {
    throw new ValidationError("a peer cannot be announced without a network, an id and a name");
  }
  if (addresses.length > MAX_ADDRESSES) {
    throw new ValidationError(`a peer is announced under at most ${MAX_ADDRESSES} addresses`);
  }
  const wrong = addresses.find((address) => !isDialAddress(address));
  if (wrong === undefined) return { networkId, peerId, peerName, addresses };
  throw new ValidationError(
    `${wrong} cannot be announced: it needs a host and a port, and at most ${MAX_ADDRESS_LENGTH} characters`,
  );
}

function textsOf({ networkId, peerId, peerName, addresses }: PeerClaims): string[] {
  return [
    ...[`txtvers=${VERSION}`, `net=${networkId}`, `id=${peerId}`, `name=${peerName}`],
    ...addresses.map((address, i) => `a${i}=${address}`),
  ];
}

function readAddresses(values: ReadonlyMap<string, string>): readonly string[] | undefined {
  const addresses: string[] = [];
  for (let i = 0; i < MAX_ADDRESSES; i++) {
    const address = values.get(`a${i}`);
    if (address === undefined) break;
    addresses.push(address);
  }
  return addresses.every(isDialAddress) ? addresses : undefined;
}

function readValidity(values: ReadonlyMap<string, string>): Validity | undefined {
  const [issuedAtMs, expiresAtMs] = [timeOf(values.get("iat")), timeOf(values.get("exp"))];
  return issuedAtMs === undefined || expiresAtMs === undefined
    ? undefined
    : { issuedAtMs, expiresAtMs };
}

/** The signature stands last, and over everything before it. */
function assertSigned(bytes: Uint8Array, last: Uint8Array | undefined, key: Uint8Array): void {
  const text = Buffer.from(last ?? []).toString();
  const signature = text.startsWith("sig=") ? bytesOf(text.slice(4), 64) : undefined;
  const signed = bytes.subarray(0, bytes.byteLength - (last?.byteLength ?? 0) - 1);
  if (signature && verifySignature(key, Buffer.concat([PURPOSE, signed]), signature)) return;
  throw new AuthenticationError("a peer's record is not signed by the key that it names");
}

function timeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** Exactly so many bytes, written in the one way there is. */
function bytesOf(text: string | undefined, length: number): Uint8Array | undefined {
  const bytes = Buffer.from(text ?? "", "base64url");
  return bytes.length === length && base64(bytes) === text ? new Uint8Array(bytes) : undefined;
}
