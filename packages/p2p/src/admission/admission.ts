import { AuthenticationError, type Clock, PermissionError } from "@net/core";
import type { Claims, TokenIssuer } from "./token.ts";
import { UsedTokens } from "./used-tokens.ts";

/** Which end of a link somebody is. */
export type Role = "dialler" | "acceptor";

/** A peer that wants to be linked, after its token was checked. */
export interface Applicant {
  readonly peerId: string;
  readonly peerName: string;
  /** What its token says; undefined in a network without a secret, where nothing of this is proved. */
  readonly claims: Claims | undefined;
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

export interface AdmissionOptions {
  readonly clock: Clock;
  /** Undefined in a network without a secret: then everybody is let in whom `admit` does not refuse. */
  readonly issuer?: TokenIssuer | undefined;
  readonly admit?: Admit | undefined;
}

/** Decides who may be linked to this peer, and proves to others that this peer may. */
export class Admission {
  readonly #issuer: TokenIssuer | undefined;
  readonly #admit: Admit | undefined;
  readonly #used: UsedTokens;

  constructor({ clock, issuer, admit }: AdmissionOptions) {
    this.#issuer = issuer;
    this.#admit = admit;
    this.#used = new UsedTokens(clock);
  }

  /** A token for the other end of one link, and for no other; undefined without a secret. */
  async prove(binding: Binding): Promise<string | undefined> {
    return await this.#issuer?.issue({ ...binding });
  }

  /**
   * Checks the acceptor of a link, whose token must be for this channel. A peer without the secret, that dials with a
   * token it was given, cannot check anything and takes whoever answers.
   *
   * @throws AuthenticationError
   */
  async checkAcceptor(
    peerId: string,
    token: string | undefined,
    binding: Binding,
  ): Promise<Claims | undefined> {
    if (!this.#issuer) return undefined;
    const claims = await this.#check(this.#issuer, peerId, token);
    assertBound(claims, binding);
    return claims;
  }

  /**
   * Checks the dialler of a link: it shows a token for this channel, or one that somebody made for it, which
   * works for the first device that shows it, until it expires.
   *
   * @param device the fingerprint of the key that the dialler has proven to hold.
   * @throws AuthenticationError
   */
  async checkDialler(
    peerId: string,
    token: string | undefined,
    binding: Binding,
    device: string,
  ): Promise<Claims | undefined> {
    if (!this.#issuer) return undefined;
    const claims = await this.#check(this.#issuer, peerId, token);
    if (isBearer(claims)) this.#useUp(claims, device);
    else assertBound(claims, binding);
    return claims;
  }

  /** Asks the user's `admit`. @throws PermissionError */
  admit(applicant: Applicant): void {
    const answer = this.#admit?.(applicant) ?? true;
    if (answer === true) return;
    const reason = typeof answer === "string" && answer !== "" ? answer : "it is not admitted";
    const { peerId } = applicant;
    throw new PermissionError(`${peerId} was refused: ${reason}`, { details: { peerId } });
  }

  async #check(issuer: TokenIssuer, peerId: string, token: string | undefined): Promise<Claims> {
    if (token === undefined) throw notAuthenticated(peerId, `${peerId} has shown no token`);
    return await issuer.check(token, peerId);
  }

  #useUp(claims: Claims, device: string): void {
    if (this.#used.use(claims, device)) return;
    throw notAuthenticated(claims.sub, "the token was not accepted: another device has used it");
  }
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
