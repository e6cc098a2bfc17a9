import type { Clock } from "../clock.ts";
import { AuthenticationError, OverloadedError } from "../errors/kinds.ts";
import { OwnerDevices } from "./owner-devices.ts";
import type { OwnerGrant } from "./owner-grant.ts";
import { keyText, type Statement } from "./statement.ts";

const MAX_GRANTS = 1_024;

/** Another owner, and the grants between him and this one. */
export interface OtherOwner {
  readonly devices: OwnerDevices;
  readonly grants: Map<string, OwnerGrant>;
}

/** Owners to whom this one granted something, or who granted him something. */
export class OtherOwners {
  readonly #clock: Clock;
  /** By the key that the first grant named. */
  readonly #owners = new Map<string, OtherOwner>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The grants that have not expired. */
  get grants(): readonly OwnerGrant[] {
    const nowMs = this.#clock.nowMs();
    return [...this.#owners.values()]
      .flatMap(({ grants }) => [...grants.values()])
      .filter(({ expiresAtMs }) => expiresAtMs > nowMs);
  }

  /** Successors and revocations of all of them. */
  get warnings(): readonly string[] {
    return [...this.#owners.values()].flatMap(({ devices }) => devices.warnings);
  }

  /** The owner whose key that is, or was. */
  of(key: Uint8Array): OtherOwner | undefined {
    const named = this.#owners.get(keyText(key));
    return named ?? [...this.#owners.values()].find(({ devices }) => devices.isKey(key));
  }

  /** The grants with that owner that have not expired. */
  grantsWith(key: Uint8Array): readonly OwnerGrant[] {
    const nowMs = this.#clock.nowMs();
    const grants = this.of(key)?.grants.values() ?? [];
    return [...grants].filter(({ expiresAtMs }) => expiresAtMs > nowMs);
  }

  /** @returns whether it was new. @throws AuthenticationError if it has expired; OverloadedError beyond 1,024. */
  add(owner: Uint8Array, grant: OwnerGrant): boolean {
    if (grant.expiresAtMs <= this.#clock.nowMs()) {
      throw new AuthenticationError("the grant has expired");
    }
    const known = this.of(owner);
    if (known?.grants.has(grant.id)) return false;
    this.#assertRoom();
    (known ?? this.#meet(owner)).grants.set(grant.id, grant);
    return true;
  }

  remove(grantId: string): void {
    for (const { grants } of this.#owners.values()) grants.delete(grantId);
  }

  /** Takes what one of them says of his devices and his key. @returns whether it was new. */
  take(statement: Statement): boolean {
    return this.of(statement.signer)?.devices.take(statement) ?? false;
  }

  #meet(owner: Uint8Array): OtherOwner {
    const devices = new OwnerDevices(owner, this.#clock);
    const other: OtherOwner = { devices, grants: new Map() };
    this.#owners.set(keyText(owner), other);
    return other;
  }

  #assertRoom(): void {
    const nowMs = this.#clock.nowMs();
    for (const { grants } of this.#owners.values()) {
      for (const [id, { expiresAtMs }] of grants) if (expiresAtMs <= nowMs) grants.delete(id);
    }
    if (this.grants.length < MAX_GRANTS) return;
    throw new OverloadedError(
      `there are ${MAX_GRANTS} grants between this owner and others already`,
    );
  }
}
