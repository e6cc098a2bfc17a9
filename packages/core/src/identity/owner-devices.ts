import { timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.ts";
import { AuthenticationError, OverloadedError, ValidationError } from "../errors/kinds.ts";
import { type DeviceCertificate, deviceCertificate } from "./device-certificate.ts";
import { DeviceNames } from "./device-names.ts";
import { OwnerKeys } from "./owner-keys.ts";
import { keyOf, keyText, type Statement } from "./statement.ts";

const MAX_REVOCATIONS = 16_384;

/** What a device was accepted as, and whether that was news. */
export interface Accepted {
  readonly certificate: DeviceCertificate;
  readonly isNew: boolean;
}

/** One owner: his key and those that were it before, his devices, and those of them that he revoked. */
export class OwnerDevices {
  readonly #keys: OwnerKeys;
  readonly #clock: Clock;
  readonly #names = new DeviceNames();
  readonly #revocations = new Map<string, string>();

  constructor(owner: Uint8Array, clock: Clock) {
    this.#keys = new OwnerKeys(owner);
    this.#clock = clock;
  }

  /** The owner's key as of now. */
  get owner(): Uint8Array {
    return this.#keys.current;
  }

  /** The devices that are known, revoked and expired ones left out. */
  get devices(): readonly DeviceCertificate[] {
    const nowMs = this.#clock.nowMs();
    return this.#names.holders.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
  }

  /** Successors and revocations: what somebody must know who should trust nobody wrongly. */
  get warnings(): readonly string[] {
    return [...this.#keys.succession, ...this.#revocations.values()];
  }

  /** All that was learned, in an order in which another can learn it. */
  get statements(): readonly string[] {
    const nowMs = this.#clock.nowMs();
    const valid = this.#names.certificates.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    return [
      ...this.#keys.succession,
      ...valid.map(({ text }) => text),
      ...this.#revocations.values(),
    ];
  }

  /** Whether that key is this owner's, or was. */
  isKey(key: Uint8Array): boolean {
    return this.#keys.has(key);
  }

  isRevoked(device: Uint8Array): boolean {
    return this.#revocations.has(keyText(device));
  }

  /** Whether what the owner signed then counts now. @throws AuthenticationError if not. */
  assertCertifies(statement: Statement): void {
    this.#keys.assertCertifies(statement, this.#clock.nowMs());
  }

  /** Whether the owner signed it when the key was his. @throws AuthenticationError if not. */
  assertOwner(statement: Statement): void {
    this.#keys.assertOwner(statement);
  }

  /** @throws AuthenticationError, ValidationError: see `OwnerTrust.accept`. */
  accept(statement: Statement, device: Uint8Array): Accepted {
    if (statement.kind !== "net-device+jwt") {
      throw new ValidationError("this is no device certificate");
    }
    const certificate = deviceCertificate(statement);
    if (!sameKey(certificate.device, device)) {
      throw new AuthenticationError("the certificate is for another device's key");
    }
    return { certificate, isNew: this.#admit(statement, certificate) };
  }

  /** Takes a certificate, a revocation of a device, or a successor. @returns whether it was new. */
  take(statement: Statement): boolean {
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
