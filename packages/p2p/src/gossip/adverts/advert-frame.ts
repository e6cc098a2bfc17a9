import { readAmount, readBytes, readCount, readFields, readName, readText } from "../read.ts";
import { KEY_BYTES, SIGNATURE_BYTES } from "../signing.ts";

/** The order of the adverts of one origin: by epoch, then by number. */
export interface AdvertVersion {
  readonly epoch: number;
  readonly seq: number;
}

/** An advert as it travels: what its origin said, and what proves it. */
export interface SignedAdvert extends AdvertVersion {
  readonly origin: string;
  /** The origin's device key. */
  readonly key: Uint8Array;
  /** The owner's word that the key is the origin's. */
  readonly certificate: string | undefined;
  readonly signature: Uint8Array;
  readonly statement: Uint8Array;
}

export interface AdvertFrame extends SignedAdvert {
  /** How long ago the origin sent it, as the one says who passes it on. */
  readonly ageMs: number;
}

const FIELDS = 8;
const MAX_CERTIFICATE_LENGTH = 4_096;

export function isNewer(a: AdvertVersion, b: AdvertVersion): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.seq > b.seq);
}

export function advertFrameFields(advert: SignedAdvert, ageMs: number): readonly unknown[] {
  const { origin, epoch, seq, key, certificate, signature, statement } = advert;
  return [origin, epoch, seq, ageMs, key, certificate ?? null, signature, statement];
}

/** @throws ProtocolError */
export function parseAdvertFrame(value: unknown): AdvertFrame {
  const fields = readFields(value, FIELDS, "an advert");
  const [origin, epoch, seq, ageMs, key, certificate, signature, statement] = fields;
  return {
    origin: readName(origin, "an advert's origin"),
    epoch: readCount(epoch, "an advert's epoch"),
    seq: readCount(seq, "an advert's number"),
    ageMs: readAmount(ageMs, "an advert's age"),
    key: readBytes(key, "an advert's key", KEY_BYTES),
    certificate: readText(certificate, MAX_CERTIFICATE_LENGTH, "an advert's certificate"),
    signature: readBytes(signature, "an advert's signature", SIGNATURE_BYTES),
    statement: readBytes(statement, "an advert's statement"),
  };
}
