import type { Clock } from "../clock.ts";
import { AuthenticationError, OverloadedError } from "../errors/kinds.ts";
import type { DeviceCertificate } from "./device-certificate.ts";
import { OtherOwners } from "./other-owners.ts";
import type { OwnerDevices } from "./owner-devices.ts";
import { type OwnerGrant, ownerGrant, revokedGrant } from "./owner-grant.ts";
import { readStatement, type Statement } from "./statement.ts";

const MAX_REVOKED_GRANTS = 4_096;

/** Another owner's device, and what it may do here. */
export interface Guest {
  readonly certificate: DeviceCertificate;
  /** Of all grants to its owner that count, together. */
  readonly tools: readonly string[];
}

/** The owners to whom this one has granted something, and what is known of their devices. */
export class GuestOwners {
  readonly #host: OwnerDevices;
  readonly #owners: OtherOwners;
  /** By the ids of the grants that were taken back. */
  readonly #revoked = new Map<string, string>();

  constructor(host: OwnerDevices, clock: Clock) {
    this.#host = host;
    this.#owners = new OtherOwners(clock);
  }

  /** The grants that count now. */
  get grants(): readonly OwnerGrant[] {
    return this.#owners.grants.filter((grant) => this.#counts(grant));
  }

  /** All that was learned, in an order in which another can learn it. */
  get statements(): readonly string[] {
    const grants = this.grants.map(({ text }) => text);
    return [...grants, ...this.#owners.warnings, ...this.#revoked.values()];
  }

  /** The grants to that owner that count, as they travel. */
  statementsFor(owner: Uint8Array): readonly string[] {
    const grants = this.#owners.grantsWith(owner).filter((grant) => this.#counts(grant));
    return grants.map(({ text }) => text);
  }

  /** Whether anything was granted to that owner, ever. */
  has(owner: Uint8Array): boolean {
    return this.#owners.of(owner) !== undefined;
  }

  /** Whether a grant to that owner counts now. */
  isGuest(owner: Uint8Array, networkId: string): boolean {
    return this.#grantsTo(owner, networkId).length > 0;
  }

  /** Takes a grant of this owner. @returns whether it was new. @throws AuthenticationError, OverloadedError */
  grant(statement: Statement): boolean {
    this.#host.assertCertifies(statement);
    const grant = ownerGrant(statement);
    if (this.#revoked.has(grant.id)) throw new AuthenticationError("the grant was taken back");
    return this.#owners.add(grant.to, grant);
  }

  /** Takes a grant back. @returns whether that was new. @throws AuthenticationError, OverloadedError */
  revoke(statement: Statement): boolean {
    this.#host.assertOwner(statement);
    const id = revokedGrant(statement);
    if (this.#revoked.has(id)) return false;
    if (this.#revoked.size >= MAX_REVOKED_GRANTS) {
      throw new OverloadedError(`this owner has taken back ${MAX_REVOKED_GRANTS} grants already`);
    }
    this.#revoked.set(id, statement.text);
    this.#owners.remove(id);
    return true;
  }

  /** Takes what a guest says of his devices and his key. @returns whether it was new. */
  take(statement: Statement): boolean {
    return this.#owners.take(statement);
  }

  /** @throws AuthenticationError unless a grant for that network counts, and the device is its owner's. */
  accept(statement: Statement, device: Uint8Array, networkId: string): Guest {
    const { signer } = statement;
    const owner = this.#owners.of(signer);
    if (!owner || !this.isGuest(signer, networkId)) {
      throw new AuthenticationError("the device is of another owner, to whom nothing is granted");
    }
    const { certificate } = owner.devices.accept(statement, device);
    return { certificate, tools: this.tools(signer, networkId) };
  }

  /** All that is granted to that owner in that network. */
  tools(owner: Uint8Array, networkId: string): readonly string[] {
    return [...new Set(this.#grantsTo(owner, networkId).flatMap(({ tools }) => tools))];
  }

  #grantsTo(owner: Uint8Array, networkId: string): readonly OwnerGrant[] {
    const grants = this.#owners.grantsWith(owner);
    return grants.filter((grant) => grant.networkId === networkId && this.#counts(grant));
  }

  /** A grant of a key that was succeeded ends with its grace, as certificates do. */
  #counts({ text }: OwnerGrant): boolean {
    try {
      this.#host.assertCertifies(readStatement(text));
      return true;
    } catch (error) {
      if (AuthenticationError.is(error)) return false;
      throw error;
    }
  }
}
