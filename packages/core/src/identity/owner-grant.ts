import { ValidationError } from "../errors/kinds.ts";
import { keyOf, type Statement, textOf, timeOf } from "./statement.ts";

/** An owner's word that the devices of another one may use some of the tools in his network, until that time. */
export interface OwnerGrant {
  /** Names this grant: it is taken back by it. */
  readonly id: string;
  /** The raw public key of the owner who signed it. */
  readonly from: Uint8Array;
  /** The raw public key of the owner whose devices may come. */
  readonly to: Uint8Array;
  readonly networkId: string;
  /** `search.web` is one tool, `search.*` all that begin so, `*` all. */
  readonly tools: readonly string[];
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** As it travels: a JWT. */
  readonly text: string;
}

const MAX_ID_LENGTH = 64;
const MAX_NAME_LENGTH = 128;
const MAX_TOOLS = 64;

/** What a grant of that statement says. @throws ValidationError if it says it wrongly. */
export function ownerGrant({ signer, issuedAtMs, claims, text }: Statement): OwnerGrant {
  return {
    id: textOf(claims, "jti", MAX_ID_LENGTH),
    from: signer,
    to: keyOf(claims, "sub"),
    networkId: textOf(claims, "aud", MAX_NAME_LENGTH),
    tools: toolsOf(claims.tools),
    issuedAtMs,
    expiresAtMs: timeOf(claims, "exp"),
    text,
  };
}

/** Which grant a statement takes back. @throws ValidationError */
export function revokedGrant({ claims }: Statement): string {
  return textOf(claims, "sub", MAX_ID_LENGTH);
}

/** @throws ValidationError unless it can be a grant's id. */
export function checkedGrantId(id: unknown): string {
  return textOf({ id }, "id", MAX_ID_LENGTH);
}

function toolsOf(tools: unknown): readonly string[] {
  if (Array.isArray(tools) && tools.length <= MAX_TOOLS && tools.every(isPattern)) return tools;
  throw new ValidationError(`a grant names at most ${MAX_TOOLS} tools, or patterns like search.*`);
}

function isPattern(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_NAME_LENGTH;
}
