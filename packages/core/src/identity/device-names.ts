import { AuthenticationError, OverloadedError } from "../errors/kinds.ts";
import type { DeviceCertificate } from "./device-certificate.ts";
import { keyText } from "./statement.ts";

const MAX_DEVICES = 4_096;

/** Which device key has which name. A name passes to another key only by a certificate that says what it replaces. */
export class DeviceNames {
  readonly #holders = new Map<string, DeviceCertificate>();
  /** By which certificate each replaced key lost its name. */
  readonly #replaced = new Map<string, DeviceCertificate>();

  /** The certificate by which each name is held. */
  get holders(): readonly DeviceCertificate[] {
    return [...this.#holders.values()];
  }

  /** Every certificate that matters: those by which names are held, and those that took a name from another key. */
  get certificates(): readonly DeviceCertificate[] {
    return [...new Set([...this.#replaced.values(), ...this.#holders.values()])];
  }

  /**
   * Takes a certificate, if its name is free, its own, or replaced by it.
   *
   * @returns false if it tells nothing new.
   * @throws AuthenticationError if the name is another key's, or the key was replaced; OverloadedError beyond 4,096 names.
   */
  take(certificate: DeviceCertificate, nowMs: number): boolean {
    const { name, device, replaces } = certificate;
    if (this.#replaced.has(keyText(device))) {
      throw new AuthenticationError(`the key of ${name} was replaced by another`);
    }
    if (replaces) this.#replace(replaces, certificate);
    const holder = this.#holders.get(name);
    if (holder && !mayFollow(holder, certificate, nowMs)) return this.#refuse(holder, certificate);
    this.#assertRoom(holder, nowMs);
    this.#holders.set(name, certificate);
    return holder?.id !== certificate.id;
  }

  /** Forgets a device that was revoked: its name is free. */
  drop(device: Uint8Array): void {
    for (const [name, certificate] of this.#holders) {
      if (keyText(certificate.device) === keyText(device)) this.#holders.delete(name);
    }
  }

  #replace(key: Uint8Array, by: DeviceCertificate): void {
    if (!this.#replaced.has(keyText(key))) this.#replaced.set(keyText(key), by);
  }

  /** An older certificate of the holder is fine, and no news; another key's is not. */
  #refuse(holder: DeviceCertificate, { name, device }: DeviceCertificate): false {
    if (keyText(holder.device) === keyText(device)) return false;
    throw new AuthenticationError(
      `${name} is the name of another device: certify this one with replaces, or under another name`,
    );
  }

  #assertRoom(holder: DeviceCertificate | undefined, nowMs: number): void {
    if (holder || this.#holders.size < MAX_DEVICES) return;
    for (const [name, { expiresAtMs }] of this.#holders) {
      if (expiresAtMs <= nowMs) this.#holders.delete(name);
    }
    if (this.#holders.size < MAX_DEVICES) return;
    throw new OverloadedError(`this owner has ${MAX_DEVICES} devices already`);
  }
}

function mayFollow(holder: DeviceCertificate, next: DeviceCertificate, nowMs: number): boolean {
  const isSameKey = keyText(holder.device) === keyText(next.device);
  if (isSameKey) return next.expiresAtMs >= holder.expiresAtMs;
  const isReplaced = next.replaces && keyText(next.replaces) === keyText(holder.device);
  return isReplaced === true || holder.expiresAtMs <= nowMs;
}
