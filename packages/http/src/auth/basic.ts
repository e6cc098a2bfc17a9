import { ValidationError } from "@net/core";
import type { Auth } from "./auth.ts";

export interface BasicOptions {
  /** Without a colon. */
  readonly username: string;
  readonly password: string;
}

/** `Authorization: Basic …` (RFC 7617), in UTF-8. @throws ValidationError on a user name with a colon. */
export function basic({ username, password }: BasicOptions): Auth {
  if (username.includes(":")) throw new ValidationError("a user name must not contain a colon");
  const value = Buffer.from(`${username}:${password}`).toString("base64");
  const credentials = { headers: { authorization: `Basic ${value}` } };
  return { credentials: () => credentials };
}
