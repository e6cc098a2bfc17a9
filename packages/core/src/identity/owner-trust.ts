import { timingSafeEqual } from "node:crypto";
import { type Clock, systemClock } from "../clock.ts";
import { EventPublisher } from "../emitter.ts";
import { AuthenticationError, OverloadedError, ValidationError } from "../errors/kinds.ts";
import { type DeviceCertificate, deviceCertificate } from "./device-certificate.ts";
import { DeviceNames } from "./device-names.ts";
import { publicKeyObject } from "./key-pair.ts";
import { OwnerKeys } from "./owner-keys.ts";
import { keyOf, keyText, readStatement, type Statement } from "./statement.ts";

export interface OwnerTrustEvents {
  /** Something new was learned, also by accepting a device: to keep, and to tell others. */
  learned: readonly [statement: string];
}

const MAX_REVOCATIONS = 16_384;

export interface OwnerTrustOptions {
  readonly clock?: Clock | undefined;
  /** What {@link OwnerTrust.statements} gave before: revocations and successors outlive a restart. */
  readonly statements?: readonly string[] | undefined;
}

/**
 * What one device knows of its owner: his key, his devices, and which of them are not to be trusted any more. It grows
 * by statements, which anybody may bring, since the owner signed them: what one device learns, it tells the others.
 *
 * Clocks: only the end of a certificate and of a grace period are compared with this device's clock.
 *
 * @example
 * ```ts
 * const trust = new OwnerTrust(ownerPublicKey);
 * const { name } = trust.accept(certificateOfPeer, keyThatThePeerProved);
 * for (const statement of fromPeer) if (trust.learn(statement)) tellTheOthers(statement);
 * ```
 */
export class OwnerTrust extends EventPublisher<OwnerTrustEvents> {
  readonly #clock: Clock;
  readonly #keys: OwnerKeys;
  readonly #names = new DeviceNames();
  readonly #revocations = new Map<string, string>();

  /** @throws ValidationError if the key is none; what {@link OwnerTrust.learn} throws for a statement. */
  constructor(owner: Uint8Array, { clock = systemClock, statements = [] }: OwnerTrustOptions = {}) {
    super();
    publicKeyObject(owner);
    this.#clock = clock;
    this.#keys = new OwnerKeys(owner);
    for (const statement of statements) this.learn(statement);
  }

  /** The owner's key as of now: another one than at first, if he named a successor. */
  get owner(): Uint8Array {
    return this.#keys.current;
  }

  /** The devices that are known, revoked and expired ones left out. */
  get devices(): readonly DeviceCertificate[] {
    const nowMs = this.#clock.nowMs();
    return this.#names.holders.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
  }

  /** All that was learned, in an order in which another can learn it: to keep, and to tell. */
  get statements(): readonly string[] {
    const nowMs = this.#clock.nowMs();
    const valid = this.#names.certificates.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    return [
      ...this.#keys.succession,
      ...valid.map(({ text }) => text),
      ...this.#revocations.values(),
    ];
  }

  /**
   * Accepts a device that has proven to hold a key, by the certificate it showed.
   *
   * @throws AuthenticationError if the certificate is not of this owner, for another key, expired, revoked, replaced, or
   * its name another device's; ValidationError if it is none.
   */
  accept(certificate: string, device: Uint8Array): DeviceCertificate {
    const statement = readStatement(certificate);
    if (statement.kind !== "net-device+jwt") {
      throw new ValidationError("this is no device certificate");
    }
    const accepted = deviceCertificate(statement);
    if (!sameKey(accepted.device, device)) {
      throw new AuthenticationError("the certificate is for another device's key");
    }
    if (this.#admit(statement, accepted)) this.emit("learned", certificate);
    return accepted;
  }

  /**
   * Takes what an owner said: a certificate, a revocation, a successor.
   *
   * @returns true if it was new: then tell the others.
   * @throws as {@link OwnerTrust.accept}; NetworkError `CONFLICT` for a second successor; OverloadedError when there are too many.
   */
  learn(text: string): boolean {
    const isNew = this.#take(readStatement(text));
    if (isNew) this.emit("learned", text);
    return isNew;
  }

  /** Whether the owner has revoked that device key. */
  isRevoked(device: Uint8Array): boolean {
    return this.#revocations.has(keyText(device));
  }

  #take(statement: Statement): boolean {
    if (statement.kind === "net-owner-successor+jwt") return this.#keys.succeed(statement);
    if (statement.kind === "net-revocation+jwt") return this.#revoke(statement);
    return this.#admit(statement, deviceCertificate(statement));
  }

  #admit(statement: Statement, certificate: DeviceCertificate): boolean {
    const nowMs = this.#clock.nowMs();
    this.#keys.assertCertifies(statement, nowMs);
    if (certificate.expiresAtMs <= nowMs) {
      throw new AuthenticationError(`the certificate of ${certificate.name} has expired`);
    }
    if (this.isRevoked(certificate.device)) {
      throw new AuthenticationError(`the owner has revoked the key of ${certificate.name}`);
    }
    return this.#names.take(certificate, nowMs);
  }

  #revoke(statement: Statement): boolean {
    this.#keys.assertOwner(statement);
    const device = keyOf(statement.claims, "sub");
    if (this.isRevoked(device)) return false;
    if (this.#revocations.size >= MAX_REVOCATIONS) {
      throw new OverloadedError(`this owner has revoked ${MAX_REVOCATIONS} devices already`);
    }
    this.#revocations.set(keyText(device), statement.text);
    this.#names.drop(device);
    return true;
  }
}

function sameKey(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
