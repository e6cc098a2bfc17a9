import type { Logger } from "@net/core";
import { invalid } from "../names.ts";

/** RFC 7518 §3.2, RFC 2104 §3: a key shorter than the hash is weaker than it. */
const MIN_SECRET_BYTES = 32;

/** The bytes of a secret. @throws ValidationError if it is none, or could be guessed where that is not taken. */
export function readSecret(secret: unknown, name: string, strict: boolean): Uint8Array {
  if (typeof secret !== "string" || secret === "") throw invalid(name, "a text that is not empty");
  const bytes = new TextEncoder().encode(secret);
  if (!strict || !isWeak(bytes)) return bytes;
  throw invalid(name, `${MIN_SECRET_BYTES} bytes or more, since this network is strict`);
}

/** Whether a secret could be guessed by whoever hears something that was made with it. */
export function isWeak(secret: Uint8Array): boolean {
  return secret.length < MIN_SECRET_BYTES;
}

let isWarned = false;

/**
 * Says that a secret is weak, never what it is: to the logger if one was given; else to the process, once, as a warning
 * with the code `NET_WEAK_SECRET`, which Node writes to stderr.
 */
export function warnOfWeakSecret(name: string, danger: string, logger: Logger | undefined): void {
  const message = `the ${name} is shorter than ${MIN_SECRET_BYTES} bytes: ${danger}`;
  logger?.warn(message);
  if (logger || isWarned) return;
  isWarned = true;
  process.emitWarning(message, { type: "SecurityWarning", code: "NET_WEAK_SECRET" });
}
