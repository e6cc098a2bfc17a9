import type { AdmissionRules } from "../options/admission.ts";
import type { Binding, Ownership } from "./applicant.ts";
import type { Credentials, Standing } from "./standing.ts";
import type { TokenIssuer } from "./token.ts";

export interface OwnCredentialsOptions {
  readonly issuer: TokenIssuer | undefined;
  readonly owner: Ownership | undefined;
  readonly rules: AdmissionRules;
}

/** What this peer shows to be let in. */
export class OwnCredentials {
  readonly #options: OwnCredentialsOptions;

  constructor(options: OwnCredentialsOptions) {
    this.#options = options;
  }

  /** For the other end of one link: a token that is made here is good for no other. @param to what is known of that end. */
  async show(binding: Binding, to: Standing): Promise<Credentials> {
    const { owner } = this.#options;
    const grants = this.#grants(to);
    return {
      token: await this.#token(binding),
      certificate: owner?.certificate,
      ...(grants.length > 0 && { grants }),
    };
  }

  /** Only those of its owner: whom else this one knows is nobody's business. */
  #grants({ certificate }: Standing): readonly string[] {
    const { owner } = this.#options;
    if (!certificate || !owner) return [];
    return owner.trust.grantsOf(certificate.owner).map(({ text }) => text);
  }

  async #token(binding: Binding): Promise<string | undefined> {
    const { issuer, rules } = this.#options;
    if (issuer?.isShared) return await issuer.issue({ ...binding });
    if (rules.token) return await rules.token();
    // Where this peer is an issuer itself, its own word does.
    if (rules.issuers.length > 0) return await issuer?.issue({ ...binding, tools: ["*"] });
    return undefined;
  }
}
