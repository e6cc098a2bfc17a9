import { createHash, timingSafeEqual } from "node:crypto";
import { invalid } from "../../names.ts";
import { rebindingResponse } from "../sdk-server.ts";

/** Shorter ones can be guessed. */
const MIN_TOKEN_LENGTH = 16;
const bearer = /^Bearer +([\x21-\x7e]+) *$/i;

export interface HttpDoorOptions {
  /** Names this server may be called by. Default: those of this machine alone. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** What requests must bring as `Authorization: Bearer …`. */
  readonly token?: string | undefined;
  /** Says whether a request may ask. */
  readonly authorize?: ((request: Request) => boolean | PromiseLike<boolean>) | undefined;
}

/** Who may ask by HTTP. */
export class HttpDoor {
  readonly #allowedHosts: readonly string[] | undefined;
  readonly #digest: Buffer | undefined;
  readonly #authorize: HttpDoorOptions["authorize"];

  /** @throws ValidationError if other hosts are allowed and there is no token, or one that is too short. */
  constructor({ allowedHosts, token, authorize }: HttpDoorOptions) {
    if (allowedHosts && token === undefined && !authorize) {
      throw invalid(
        "token",
        "given, or authorize, where allowedHosts is: whoever can reach this peer could call its tools",
      );
    }
    if (token !== undefined && token.length < MIN_TOKEN_LENGTH) {
      throw invalid("token", `at least ${MIN_TOKEN_LENGTH} characters`);
    }
    this.#allowedHosts = allowedHosts;
    this.#authorize = authorize;
    this.#digest = token === undefined ? undefined : digestOf(token);
  }

  /** The answer to whoever may not ask. */
  async refuse(request: Request): Promise<Response | undefined> {
    const elsewhere = rebindingResponse(request, this.#allowedHosts);
    if (elsewhere) return elsewhere;
    const mayAsk = this.#bringsToken(request) && ((await this.#authorize?.(request)) ?? true);
    if (mayAsk) return undefined;
    return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
  }

  #bringsToken({ headers }: Request): boolean {
    if (!this.#digest) return true;
    const given = bearer.exec(headers.get("authorization") ?? "")?.[1];
    // Digests are equally long, and say nothing of what they are of.
    return given !== undefined && timingSafeEqual(digestOf(given), this.#digest);
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
