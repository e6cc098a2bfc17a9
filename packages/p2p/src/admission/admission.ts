import { AuthenticationError, type Clock, PermissionError } from "@net/core";
import type { DeviceCertificate, OwnerTrust } from "@net/core/identity";
import type { Credentials, Standing } from "./standing.ts";
import type { Claims, TokenIssuer } from "./token.ts";
import { UsedTokens } from "./used-tokens.ts";

/** Which end of a link somebody is. */
export type Role = "dialler" | "acceptor";

/** A peer that wants to be linked, after its credentials were checked. */
export interface Applicant {
  readonly peerId: string;
  readonly peerName: string;
  /** What its token says, if that is what lets it in. */
  readonly claims?: Claims | undefined;
  /** What the owner says of its device, if that is what lets it in. */
  readonly certificate?: DeviceCertificate | undefined;
}

/** Has the last word: true admits, false or a reason (which the other side is told) refuses. */
export type Admit = (peer: Applicant) => boolean | string;

/** What a token must be bound to, so that it is worth nothing on any other link. */
export interface Binding {
  /** Names the secured channel, as both its ends know it: somebody in between has two, with two names. */
  readonly channel: string;
  /** Which end of the link the token's maker is. */
  readonly role: Role;
  /** The peer at the other end. */
  readonly peer: string;
}

/** What another peer has shown on a link, and the key that it has proven to hold there. */
export interface Shown extends Credentials {
  readonly device: Uint8Array;
}

/** What a device knows of its owner, and how it shows that it is his. */
export interface Ownership {
  readonly trust: OwnerTrust;
  readonly certificate: string;
}

export interface AdmissionOptions {
  readonly clock: Clock;
  /** Of a network with a secret. */
  readonly issuer?: TokenIssuer | undefined;
  /** Of an owner's network. With neither, everybody is let in whom `admit` does not refuse. */
  readonly owner?: Ownership | undefined;
  readonly admit?: Admit | undefined;
}

/** Decides who may be linked to this peer, and proves to others that this peer may. */
export class Admission {
  readonly #issuer: TokenIssuer | undefined;
  readonly #owner: Ownership | undefined;
  readonly #admit: Admit | undefined;
  readonly #used: UsedTokens;

  constructor({ clock, issuer, owner, admit }: AdmissionOptions) {
    this.#issuer = issuer;
    this.#owner = owner;
    this.#admit = admit;
    this.#used = new UsedTokens(clock);
  }

  /** What this peer shows to the other end of one link: a token is good for no other. */
  async show(binding: Binding): Promise<Credentials> {
    const token = await this.#issuer?.issue({ ...binding });
    return { token, certificate: this.#owner?.certificate };
  }

  /**
   * Checks the acceptor of a link, whose token must be for this channel. A peer without owner and secret, that dials with a
   * token it was given, cannot check anything and takes whoever answers.
   *
   * @throws AuthenticationError
   */
  async checkAcceptor(peerId: string, shown: Shown, binding: Binding): Promise<Standing> {
    return await this.#check(peerId, shown, (claims) => assertBound(claims, binding));
  }

  /**
   * Checks the dialler of a link: a token is for this channel, or one that somebody made for it, which works for the
   * first device that shows it, until it expires.
   *
   * @throws AuthenticationError
   */
  async checkDialler(peerId: string, shown: Shown, binding: Binding): Promise<Standing> {
    return await this.#check(peerId, shown, (claims) => {
      if (isBearer(claims)) this.#useUp(claims, shown.device);
      else assertBound(claims, binding);
    });
  }

  /** Asks the user's `admit`. @throws PermissionError */
  admit(applicant: Applicant): void {
    const answer = this.#admit?.(applicant) ?? true;
    if (answer === true) return;
    const reason = typeof answer === "string" && answer !== "" ? answer : "it is not admitted";
    const { peerId } = applicant;
    throw new PermissionError(`${peerId} was refused: ${reason}`, { details: { peerId } });
  }

  /** A device of the owner needs no token; another may have one. */
  async #check(
    peerId: string,
    shown: Shown,
    assertToken: (claims: Claims) => void,
  ): Promise<Standing> {
    const certificate = this.#certificateOf(peerId, shown);
    if (certificate) return { certificate };
    if (!this.#issuer) return {};
    if (shown.token === undefined) {
      throw notAuthenticated(peerId, `${peerId} has shown no token`);
    }
    const claims = await this.#issuer.check(shown.token, peerId);
    assertToken(claims);
    return { claims };
  }

  /** The owner's word for that device; undefined where there is none, and a token may do. */
  #certificateOf(
    peerId: string,
    { certificate, token, device }: Shown,
  ): DeviceCertificate | undefined {
    if (!this.#owner) return undefined;
    const { trust } = this.#owner;
    if (trust.isRevoked(device)) {
      throw notAuthenticated(peerId, `the owner has revoked the key of ${peerId}`);
    }
    const mayHaveToken = this.#issuer !== undefined && token !== undefined;
    if (certificate === undefined && mayHaveToken) return undefined;
    try {
      return acceptDevice(trust, peerId, certificate, device);
    } catch (error) {
      if (mayHaveToken && AuthenticationError.is(error)) return undefined;
      throw error;
    }
  }

  #useUp(claims: Claims, device: Uint8Array): void {
    if (this.#used.use(claims, device)) return;
    throw notAuthenticated(claims.sub, "the token was not accepted: another device has used it");
  }
}

/** The owner's word that this device is that peer. @throws AuthenticationError */
function acceptDevice(
  trust: OwnerTrust,
  peerId: string,
  certificate: string | undefined,
  device: Uint8Array,
): DeviceCertificate {
  if (certificate === undefined) {
    throw notAuthenticated(peerId, `${peerId} has shown no certificate of its owner`);
  }
  try {
    const accepted = trust.accept(certificate, device);
    if (accepted.name === peerId) return accepted;
  } catch (cause) {
    const message = `the certificate was not accepted: ${(cause as Error).message}`;
    throw new AuthenticationError(message, { cause, details: { peerId } });
  }
  throw notAuthenticated(peerId, `the certificate that ${peerId} has shown is of another name`);
}

/** A token that was handed to the peer, and so is bound to no link. */
function isBearer({ channel, role, peer }: Claims): boolean {
  return channel === undefined && role === undefined && peer === undefined;
}

/** A token seen on another link, or sent back to its maker, fails here. */
function assertBound(claims: Claims, { channel, role, peer }: Binding): void {
  const { sub, iss } = claims;
  if (iss === sub && claims.channel === channel && claims.role === role && claims.peer === peer)
    return;
  throw notAuthenticated(sub, "the token was not accepted: it was made for another link");
}

function notAuthenticated(peerId: string, message: string): AuthenticationError {
  return new AuthenticationError(message, { details: { peerId } });
}
