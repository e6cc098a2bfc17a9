import type { Clock } from "../clock.ts";
import { AuthenticationError } from "../errors/kinds.ts";
import type { DeviceCertificate } from "./device-certificate.ts";
import { OtherOwners } from "./other-owners.ts";
import { type OwnerGrant, ownerGrant } from "./owner-grant.ts";
import type { Statement } from "./statement.ts";

/** The owners who have granted something to this one: who their devices are, so that nobody else passes for one. */
export class HostOwners {
  readonly #owners: OtherOwners;

  constructor(clock: Clock) {
    this.#owners = new OtherOwners(clock);
  }

  /** The grants that count now. */
  get grants(): readonly OwnerGrant[] {
    return this.#owners.grants;
  }

  has(owner: Uint8Array): boolean {
    return this.#owners.of(owner) !== undefined;
  }

  /** @throws AuthenticationError if it has expired; OverloadedError beyond 1,024 grants. */
  add(statement: Statement): OwnerGrant {
    const grant = ownerGrant(statement);
    this.#owners.add(grant.from, grant);
    return grant;
  }

  /** What that owner has granted, to be shown to his devices. */
  grantsOf(owner: Uint8Array): readonly OwnerGrant[] {
    return this.#owners.grantsWith(owner);
  }

  /** Takes what a host says of his devices and his key. @returns whether it was new. */
  take(statement: Statement): boolean {
    return this.#owners.take(statement);
  }

  /** @throws AuthenticationError unless the device is of an owner whose grant counts. */
  accept(statement: Statement, device: Uint8Array): DeviceCertificate {
    const host = this.#owners.of(statement.signer);
    if (!host || this.grantsOf(statement.signer).length === 0) {
      throw new AuthenticationError("the device is of an owner who has granted nothing");
    }
    return host.devices.accept(statement, device).certificate;
  }
}
