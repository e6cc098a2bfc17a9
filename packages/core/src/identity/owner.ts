import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../clock.ts";
import { ValidationError } from "../errors/kinds.ts";
import { assertPositive } from "../numbers.ts";
import {
  checkedDeviceName,
  type DeviceCertificate,
  deviceCertificate,
} from "./device-certificate.ts";
import { DeviceIdentity, publicKeyObject } from "./key-pair.ts";
import {
  type Claims,
  keyText,
  readStatement,
  type StatementKind,
  seconds,
  signStatement,
} from "./statement.ts";

const DAY = 24 * 60 * 60 * 1_000;
/** Long enough for a laptop in a drawer over the summer. */
const DEFAULT_VALIDITY = 180 * DAY;
/** Time for every device to get a certificate of the new owner key. */
const DEFAULT_GRACE = 30 * DAY;

export interface CertifyOptions {
  /** The device's raw public key: `DeviceIdentity.publicKey`. */
  readonly device: Uint8Array;
  /** Its name in the owner's network, 1 to 128 characters. */
  readonly name: string;
  /** How long it is valid, in ms. Default 180 days. */
  readonly validity?: number | undefined;
  /** The device key that had this name: it is not accepted any more once this certificate is known. */
  readonly replaces?: Uint8Array | undefined;
}

/**
 * The key of a person (or a team), which says which devices are his. It is needed to add, replace and revoke devices
 * only: keep it off the devices that work all day, or in a file of its own.
 *
 * @example
 * ```ts
 * const owner = OwnerIdentity.generate();
 * const certificate = owner.certify({ device: laptop.publicKey, name: "laptop" });
 * const trust = new OwnerTrust(owner.publicKey);
 * trust.accept(certificate.text, laptop.publicKey).name; // "laptop"
 * ```
 */
export class OwnerIdentity {
  readonly #key: DeviceIdentity;
  readonly #clock: Clock;

  private constructor(key: DeviceIdentity, clock: Clock) {
    this.#key = key;
    this.#clock = clock;
  }

  static generate(clock: Clock = systemClock): OwnerIdentity {
    return new OwnerIdentity(DeviceIdentity.generate(), clock);
  }

  /** @throws ValidationError if the text is no PEM of an Ed25519 private key. */
  static fromPem(pem: string, clock: Clock = systemClock): OwnerIdentity {
    return new OwnerIdentity(DeviceIdentity.fromPem(pem), clock);
  }

  /** The raw public key, 32 bytes: what devices trust. */
  get publicKey(): Uint8Array {
    return this.#key.publicKey;
  }

  /** For people to compare. */
  get fingerprint(): string {
    return this.#key.fingerprint;
  }

  /** PKCS #8 in PEM, unencrypted: whoever reads it can add devices. */
  toPem(): string {
    return this.#key.toPem();
  }

  /** Keeps the private key out of logs. */
  toJSON(): { readonly fingerprint: string } {
    return { fingerprint: this.fingerprint };
  }

  /** Says that a device is this owner's. @throws ValidationError if the key, the name or the validity is none. */
  certify({
    device,
    name,
    validity = DEFAULT_VALIDITY,
    replaces,
  }: CertifyOptions): DeviceCertificate {
    const nowMs = this.#clock.nowMs();
    const text = this.#sign("net-device+jwt", {
      sub: checkedDeviceName(name),
      jti: randomUUID(),
      exp: seconds(nowMs + assertPositive(validity, "validity")),
      cnf: { jwk: { kty: "OKP", crv: "Ed25519", x: checkedKey(device) } },
      ...(replaces && { replaces: checkedKey(replaces) }),
    });
    return deviceCertificate(readStatement(text));
  }

  /** Says that a device key is not to be trusted any more, whatever was said before. @returns the statement to spread. */
  revoke(device: Uint8Array, reason = ""): string {
    return this.#sign("net-revocation+jwt", { sub: checkedKey(device), reason });
  }

  /**
   * Says that another key is this owner's from now on. Certificates of this key stay valid for the grace period; if the
   * key was stolen, 0 ends them at once.
   *
   * @param grace in ms; default 30 days.
   * @returns the statement to spread.
   */
  succeedBy(next: Uint8Array, grace: number = DEFAULT_GRACE): string {
    const text = checkedKey(next);
    if (text === keyText(this.publicKey)) {
      throw new ValidationError("an owner key cannot be its own successor");
    }
    const untilMs = this.#clock.nowMs() + (grace === 0 ? 0 : assertPositive(grace, "grace"));
    return this.#sign("net-owner-successor+jwt", { sub: text, grace_until: seconds(untilMs) });
  }

  #sign(kind: StatementKind, claims: Claims): string {
    return signStatement(kind, this.#key, { iat: seconds(this.#clock.nowMs()), ...claims });
  }
}

/** The key as a claim has it. @throws ValidationError unless it is one. */
function checkedKey(publicKey: Uint8Array): string {
  publicKeyObject(publicKey);
  return keyText(publicKey);
}
