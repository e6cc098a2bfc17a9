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
import { checkedGrantId, type OwnerGrant, ownerGrant } from "./owner-grant.ts";
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
/** A friend who is still one after a season gets another. */
const DEFAULT_GRANT_LIFETIME = 90 * DAY;
const DEFAULT_NETWORK_ID = "net";

export interface CertifyOptions {
  /** The device's raw public key: `DeviceIdentity.publicKey`. */
  readonly device: Uint8Array;
  /** Its name in the owner's network, 1 to 128 characters. */
  readonly name: string;
  /** How long it is valid, in ms. Default 180 days. */
  readonly validity?: number | undefined;
  /** The device key that had this name: it is not accepted any more once this certificate is known. */
  readonly replaces?: Uint8Array | undefined;
  /** Whether tokens that this device makes let others into the owner's network. Default false. */
  readonly mayInvite?: boolean | undefined;
}

export interface GrantOptions {
  /** The raw public key of the other owner: `OwnerIdentity.publicKey`. */
  readonly to: Uint8Array;
  /** Which tools his devices may call: `["search.*", "files.read"]`, `["*"]`; none, to be linked and no more. */
  readonly tools: readonly string[];
  /** The network this is about. Default `net`. */
  readonly networkId?: string | undefined;
  /** How long it is good, in ms. Default 90 days. */
  readonly expiresIn?: number | undefined;
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
    mayInvite = false,
  }: CertifyOptions): DeviceCertificate {
    const nowMs = this.#clock.nowMs();
    const text = this.#sign("net-device+jwt", {
      sub: checkedDeviceName(name),
      jti: randomUUID(),
      exp: seconds(nowMs + assertPositive(validity, "validity")),
      cnf: { jwk: { kty: "OKP", crv: "Ed25519", x: checkedKey(device) } },
      ...(replaces && { replaces: checkedKey(replaces) }),
      ...(mayInvite && { may_invite: true }),
    });
    return deviceCertificate(readStatement(text));
  }

  /**
   * Lets the devices of another owner use some tools of this one's. Give the grant's `text` to him
   * ({@link OwnerTrust.addGrant}), and tell one device of your own ({@link OwnerTrust.learn}): it tells the others.
   *
   * @throws ValidationError if the key, a tool or the time is none.
   * @example
   * ```ts
   * const grant = alice.grant({ to: bobsOwnerKey, tools: ["search.*"] });
   * alicesLaptop.trust.learn(grant.text);
   * // Bob, on each of his devices:
   * bobsLaptop.trust.addGrant(grant.text);
   * ```
   */
  grant({
    to,
    tools,
    networkId = DEFAULT_NETWORK_ID,
    expiresIn = DEFAULT_GRANT_LIFETIME,
  }: GrantOptions): OwnerGrant {
    const key = checkedKey(to);
    if (key === keyText(this.publicKey)) {
      throw new ValidationError("an owner's own devices need no grant");
    }
    const untilMs = this.#clock.nowMs() + assertPositive(expiresIn, "expiresIn");
    const text = this.#sign("net-grant+jwt", {
      ...{ sub: key, jti: randomUUID(), aud: networkId, tools, exp: seconds(untilMs) },
    });
    return ownerGrant(readStatement(text));
  }

  /** Takes a grant back. @returns the statement to spread. @throws ValidationError unless it is the id of one. */
  revokeGrant(id: string): string {
    return this.#sign("net-grant-revocation+jwt", { sub: checkedGrantId(id) });
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
