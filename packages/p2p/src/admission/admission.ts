import {
  AuthenticationError,
  type Clock,
  type Logger,
  PermissionError,
  silentLogger,
} from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import { DEFAULT_NETWORK_ID } from "../names.ts";
import { type AdmissionRules, readAdmission } from "../options/admission.ts";
import type { AllowList } from "./allow-list.ts";
import type { Admit, Applicant, Binding, Linking, Ownership, Role, Shown } from "./applicant.ts";
import { KeyBindings, type Succession } from "./key-bindings.ts";
import { OwnCredentials } from "./own-credentials.ts";
import type { Credentials, Standing } from "./standing.ts";
import type { TokenIssuer } from "./token.ts";
import { TokenChecker } from "./token-checker.ts";
import { TokenDesk } from "./token-desk.ts";
import { UsedTokens } from "./used-tokens.ts";
import { vouchFor } from "./vouching.ts";

export type { Admit, Applicant, Binding, Linking, Ownership, Role, Shown } from "./applicant.ts";

export interface AdmissionOptions {
  readonly clock: Clock;
  /** Makes this peer's tokens; where it is of a network with a secret, checks those of others too. */
  readonly issuer?: TokenIssuer | undefined;
  /** Of an owner's network. With neither an owner, a secret nor issuers, everybody is let in whom nothing else refuses. */
  readonly owner?: Ownership | undefined;
  readonly admission?: AdmissionRules | undefined;
  readonly allow?: AllowList | undefined;
  readonly admit?: Admit | undefined;
  readonly networkId?: string | undefined;
  /** This device, whose own tokens count here. */
  readonly identity?: DeviceIdentity | undefined;
  readonly logger?: Logger | undefined;
}

/** Decides who may be linked to this peer, and proves to others that this peer may. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #rules: AdmissionRules;
  readonly #networkId: string;
  readonly #own: OwnCredentials;
  readonly #tokens: TokenDesk;
  readonly #bindings: KeyBindings;

  constructor(options: AdmissionOptions) {
    const { clock, issuer, owner, admission: rules = readAdmission({}, false) } = options;
    this.#options = options;
    this.#rules = rules;
    this.#networkId = options.networkId ?? DEFAULT_NETWORK_ID;
    this.#own = new OwnCredentials({ issuer, owner, rules });
    this.#bindings = new KeyBindings(rules.knownPeers);
    const checker = new TokenChecker({
      ...{ clock, networkId: this.#networkId, maxLifetime: rules.maxTokenLifetime },
      secret: issuer?.isShared ? issuer : undefined,
      issuers: () => this.#issuers(),
    });
    const { boundTokensOnly } = rules;
    this.#tokens = new TokenDesk({ checker, used: new UsedTokens(clock), boundTokensOnly });
  }

  /** What this peer shows to the other end of one link. @param to what is known of that end, if it has shown itself. */
  async show(binding: Binding, to: Standing = {}): Promise<Credentials> {
    return await this.#own.show(binding, to);
  }

  /**
   * Checks the acceptor of a link. A peer without an owner, a secret and issuers, that dials with a token it was given, cannot
   * check anything and takes whoever answers.
   *
   * @throws AuthenticationError
   */
  async checkAcceptor(peerId: string, shown: Shown, binding: Binding): Promise<Standing> {
    return await this.#check(peerId, shown, binding, "acceptor");
  }

  /** Checks the dialler of a link. @throws AuthenticationError */
  async checkDialler(peerId: string, shown: Shown, binding: Binding): Promise<Standing> {
    return await this.#check(peerId, shown, binding, "dialler");
  }

  /** Asks this peer's `allow` and the user's `admit`. @throws PermissionError */
  admit(applicant: Applicant): void {
    const { allow, admit } = this.#options;
    allow?.assertPeer(applicant);
    // Whatever else is answered, a forgotten `return` too, refuses.
    const answer: unknown = admit ? admit(applicant) : true;
    if (answer === true) return;
    const { peerId } = applicant;
    this.#noteAnswer(peerId, answer);
    const reason = typeof answer === "string" && answer !== "" ? answer : "it is not admitted";
    throw new PermissionError(`${peerId} was refused: ${reason}`, { details: { peerId } });
  }

  #noteAnswer(peerId: string, answer: unknown): void {
    if (typeof answer === "boolean" || typeof answer === "string") return;
    const { logger = silentLogger } = this.#options;
    const rule = "admit must answer true, false or a reason, at once: a peer was refused";
    logger.warn({ peerId, answered: typeof answer }, rule);
  }

  /**
   * The peer's id is that device's from now on: until `closed` settles, and ever after if it keeps its key and a token is
   * what let it in.
   *
   * @throws AuthenticationError if another device has taken it meanwhile.
   */
  hold(peerId: string, peer: Linking, closed: Promise<unknown>): void {
    const { device, standing, keepsIdentity } = peer;
    const { logger = silentLogger } = this.#options;
    this.#bindings.hold({ peerId, device }, successionOf(standing), closed);
    if (!keepsIdentity || !standing.claims) return;
    this.#bindings.remember({ peerId, device }).catch((error: unknown) => {
      logger.warn({ peerId, error }, "the key of a peer could not be remembered");
    });
  }

  async #check(peerId: string, shown: Shown, binding: Binding, role: Role): Promise<Standing> {
    const standing = await this.#standingOf(peerId, shown, binding, role);
    const { device } = shown;
    this.#assertNotOwners(peerId, standing);
    await this.#bindings.check({ peerId, device }, successionOf(standing));
    const { certificate } = standing;
    const allowed = this.#options.allow?.toolsOf({ peerId, device, certificate });
    return { ...standing, ...(allowed && { allowed }) };
  }

  /** A device that an owner vouches for needs no token; another may have one. */
  async #standingOf(peerId: string, shown: Shown, binding: Binding, role: Role): Promise<Standing> {
    const vouched = this.#vouch(peerId, shown, role);
    if (vouched) return vouched;
    if (!this.#wantsTokens) return {};
    return await this.#tokens.check(peerId, shown, binding, role);
  }

  /** The owner's word for that device; undefined where there is none, and a token may do. */
  #vouch(peerId: string, shown: Shown, role: Role): Standing | undefined {
    const { owner } = this.#options;
    if (!owner) return undefined;
    const { device, certificate, token } = shown;
    if (owner.trust.isRevoked(device)) {
      throw notAuthenticated(peerId, `the owner has revoked the key of ${peerId}`);
    }
    if (certificate === undefined && token !== undefined) return undefined;
    try {
      return vouchFor(owner.trust, this.#networkId, { ...shown, peerId, role });
    } catch (error) {
      if (token !== undefined && AuthenticationError.is(error)) return undefined;
      throw error;
    }
  }

  /** An owner's device has its id from him: nobody else is let in under it. */
  #assertNotOwners(peerId: string, { certificate, shared }: Standing): void {
    const isOwn = certificate !== undefined && shared === undefined;
    const devices = isOwn ? [] : (this.#options.owner?.trust.devices ?? []);
    if (devices.every(({ name }) => name !== peerId)) return;
    throw notAuthenticated(peerId, `${peerId} is the name of a device of this peer's owner`);
  }

  get #wantsTokens(): boolean {
    const { issuer, owner } = this.#options;
    return issuer?.isShared === true || owner !== undefined || this.#rules.issuers.length > 0;
  }

  /** Whose tokens let others in: those that the user named, the owner, the devices he trusts with it, and this one. */
  #issuers(): readonly Uint8Array[] {
    const { owner, identity } = this.#options;
    const inviters = owner?.trust.devices.filter(({ mayInvite }) => mayInvite) ?? [];
    return [
      ...this.#rules.issuers,
      ...(owner ? [owner.trust.owner] : []),
      ...inviters.map(({ device }) => device),
      ...(identity ? [identity.publicKey] : []),
    ];
  }
}

/** An owner has checked himself who has the name; of tokens, only those that were signed can name whom they replace. */
function successionOf({ certificate, shared, claims, issuer }: Standing): Succession {
  if (certificate && shared === undefined) return "any";
  const replaces = issuer ? claims?.replaces : undefined;
  return typeof replaces === "string" ? { replaces: Buffer.from(replaces, "base64url") } : "none";
}

function notAuthenticated(peerId: string, message: string): AuthenticationError {
  return new AuthenticationError(message, { details: { peerId } });
}
