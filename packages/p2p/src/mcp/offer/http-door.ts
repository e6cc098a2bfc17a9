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
}

/** Who may ask by HTTP. */
export class HttpDoor {
  readonly #allowedHosts: readonly string[] | undefined;
  readonly #digest: Buffer | undefined;

  /** @throws ValidationError if other hosts are allowed and there is no token, or one that is too short. */
  constructor({ allowedHosts, token }: HttpDoorOptions) {
    if (allowedHosts && token === undefined) {
      throw invalid(
        "token",
        "given where allowedHosts is: whoever can reach this peer could call its tools",
      );
    }
    if (token !== undefined && token.length < MIN_TOKEN_LENGTH) {
      throw invalid("token", `at least ${MIN_TOKEN_LENGTH} characters`);
    }
    this.#allowedHosts = allowedHosts;
    this.#digest = token === undefined ? undefined : digestOf(token);
  }

  /** The answer to whoever may not ask. */
  refuse(request: Request): Response | undefined {
    return rebindingResponse(request, this.#allowedHosts) ?? this.#unauthorized(request);
  }

  #unauthorized({ headers }: Request): Response | undefined {
    if (!this.#digest) return undefined;
    const given = bearer.exec(headers.get("authorization") ?? "")?.[1];
    // Digests are equally long, and say nothing of what they are of.
    if (given !== undefined && timingSafeEqual(digestOf(given), this.#digest)) return undefined;
    return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
