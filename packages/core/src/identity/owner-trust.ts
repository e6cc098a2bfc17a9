import { type Clock, systemClock } from "../clock.ts";
import { EventPublisher } from "../emitter.ts";
import { AuthenticationError, ValidationError } from "../errors/kinds.ts";
import type { DeviceCertificate } from "./device-certificate.ts";
import { type Guest, GuestOwners } from "./guest-owners.ts";
import { HostOwners } from "./host-owners.ts";
import { publicKeyObject } from "./key-pair.ts";
import { OwnerDevices } from "./owner-devices.ts";
import type { OwnerGrant } from "./owner-grant.ts";
import { keyOf, readStatement, type Statement } from "./statement.ts";

export interface OwnerTrustEvents {
  /** Something new was learned, also by accepting a device: to keep, and to tell others. */
  learned: readonly [statement: string];
}

/** How another owner stands to this one; several may be so at once. */
export interface OwnerRelation {
  /** It is the same owner. */
  readonly isOwn: boolean;
  /** This one has granted something to the other, in that network. */
  readonly isGuest: boolean;
  /** The other has granted something to this one. */
  readonly isHost: boolean;
}

export interface OwnerTrustOptions {
  readonly clock?: Clock | undefined;
  /** What {@link OwnerTrust.statements} gave before: revocations and successors outlive a restart. */
  readonly statements?: readonly string[] | undefined;
  /** The texts of {@link OwnerTrust.received}: what other owners have granted. */
  readonly received?: readonly string[] | undefined;
}

/**
 * What one device knows of its owner: his key, his devices, which of them are not to be trusted any more, and with which
 * other owners he shares. It grows by statements, which anybody may bring, since their owners signed them: what one
 * device learns, it tells the others.
 *
 * Clocks: only the end of a certificate, a grant and a grace period are compared with this device's clock.
 *
 * @example
 * ```ts
 * const trust = new OwnerTrust(ownerPublicKey);
 * const { name } = trust.accept(certificateOfPeer, keyThatThePeerProved);
 * for (const statement of fromPeer) if (trust.learn(statement)) tellTheOthers(statement);
 * ```
 */
export class OwnerTrust extends EventPublisher<OwnerTrustEvents> {
  readonly #own: OwnerDevices;
  readonly #guests: GuestOwners;
  readonly #hosts: HostOwners;

  /**
   * What was kept and has expired meanwhile is left out.
   *
   * @throws ValidationError if the key, or a statement, is none.
   */
  constructor(
    owner: Uint8Array,
    { clock = systemClock, statements = [], received = [] }: OwnerTrustOptions = {},
  ) {
    super();
    publicKeyObject(owner);
    this.#own = new OwnerDevices(owner, clock);
    this.#guests = new GuestOwners(this.#own, clock);
    this.#hosts = new HostOwners(clock);
    for (const statement of statements) ifCurrent(() => this.learn(statement));
    for (const grant of received) ifCurrent(() => this.addGrant(grant));
  }

  /** The owner's key as of now: another one than at first, if he named a successor. */
  get owner(): Uint8Array {
    return this.#own.owner;
  }

  /** The devices that are known, revoked and expired ones left out. */
  get devices(): readonly DeviceCertificate[] {
    return this.#own.devices;
  }

  /** What this owner has granted to others, as far as it counts now. */
  get granted(): readonly OwnerGrant[] {
    return this.#guests.grants;
  }

  /** What other owners have granted to this one, as far as it counts now. */
  get received(): readonly OwnerGrant[] {
    return this.#hosts.grants;
  }

  /** All that was learned, in an order in which another can learn it: to keep, and to tell the owner's devices. */
  get statements(): readonly string[] {
    return [...this.#own.statements, ...this.#guests.statements];
  }

  /** What another owner's devices must know: which keys are not to be trusted any more, and what is granted to him. */
  statementsFor(otherOwner: Uint8Array): readonly string[] {
    return [...this.#own.warnings, ...this.#guests.statementsFor(otherOwner)];
  }

  /** Whether that key is this owner's, or was. */
  isOwner(key: Uint8Array): boolean {
    return this.#own.isKey(key);
  }

  /**
   * Whose device a certificate is for, before it is checked.
   *
   * @throws ValidationError if it is no statement; AuthenticationError if its signature is wrong.
   */
  relationTo(certificate: string, networkId: string): OwnerRelation {
    const { signer } = readStatement(certificate);
    return {
      isOwn: this.isOwner(signer),
      isGuest: this.#guests.isGuest(signer, networkId),
      isHost: this.#hosts.grantsOf(signer).length > 0,
    };
  }

  /**
   * Accepts a device that has proven to hold a key, by the certificate it showed.
   *
   * @throws AuthenticationError if the certificate is not of this owner, for another key, expired, revoked, replaced, or
   * its name another device's; ValidationError if it is none.
   */
  accept(certificate: string, device: Uint8Array): DeviceCertificate {
    const accepted = this.#own.accept(readStatement(certificate), device);
    if (accepted.isNew) this.emit("learned", certificate);
    return accepted.certificate;
  }

  /**
   * Accepts a device of an owner to whom this one has granted something in that network, and says what.
   *
   * @throws AuthenticationError if nothing is granted, else as {@link OwnerTrust.accept}.
   */
  acceptGuest(certificate: string, device: Uint8Array, networkId: string): Guest {
    return this.#guests.accept(readStatement(certificate), device, networkId);
  }

  /** Which tools the devices of that owner may use now. */
  toolsGranted(otherOwner: Uint8Array, networkId: string): readonly string[] {
    return this.#guests.tools(otherOwner, networkId);
  }

  /** Accepts a device of an owner who has granted something to this one. @throws as {@link OwnerTrust.accept}. */
  acceptHost(certificate: string, device: Uint8Array): DeviceCertificate {
    return this.#hosts.accept(readStatement(certificate), device);
  }

  /**
   * Takes what another owner has granted to this one, from its owner's hands: his devices are known from now on.
   * Unlike what {@link OwnerTrust.learn} takes, it does not spread: anybody may grant anything to anybody.
   *
   * @throws ValidationError if it is no grant; AuthenticationError if it is to another owner, or has expired.
   */
  addGrant(text: string): OwnerGrant {
    const statement = readStatement(text);
    if (statement.kind !== "net-grant+jwt") throw new ValidationError("this is no grant");
    if (!this.isOwner(keyOf(statement.claims, "sub"))) {
      throw new AuthenticationError("the grant is to another owner");
    }
    return this.#hosts.add(statement);
  }

  /** What that owner has granted to this one: to be shown to his devices. */
  grantsOf(otherOwner: Uint8Array): readonly OwnerGrant[] {
    return this.#hosts.grantsOf(otherOwner);
  }

  /**
   * Takes what an owner said: a certificate, a revocation, a successor, a grant, a grant taken back. Of an owner with whom
   * this one shares, only which keys are not to be trusted any more.
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
    return this.#own.isRevoked(device);
  }

  #take(statement: Statement): boolean {
    if (!this.isOwner(statement.signer)) return this.#takeOfOthers(statement);
    if (statement.kind === "net-grant+jwt") return this.#guests.grant(statement);
    if (statement.kind === "net-grant-revocation+jwt") return this.#guests.revoke(statement);
    return this.#own.take(statement);
  }

  #takeOfOthers(statement: Statement): boolean {
    const { signer, kind } = statement;
    const isGuest = this.#guests.has(signer);
    const isHost = this.#hosts.has(signer);
    if (!isGuest && !isHost) {
      throw new AuthenticationError("a statement is not signed by the owner that is trusted here");
    }
    if (kind !== "net-revocation+jwt" && kind !== "net-owner-successor+jwt") return false;
    const newOfGuest = isGuest && this.#guests.take(statement);
    const newOfHost = isHost && this.#hosts.take(statement);
    return newOfGuest || newOfHost;
  }
}

/** What was kept counted once; what does not any more is no fault of whoever kept it. */
function ifCurrent(take: () => unknown): void {
  try {
    take();
  } catch (error) {
    if (!AuthenticationError.is(error)) throw error;
  }
}
