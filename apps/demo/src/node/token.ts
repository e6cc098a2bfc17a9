import { isRecord, ValidationError } from "@net/core";

/**
 * The network that a token is for: its audience, RFC 7519 §4.1.3. Only read, not checked: the machine that is
 * joined checks it.
 */
export function networkIdOf(token: string): string {
  const { aud } = claimsOf(token);
  if (typeof aud !== "string") throw unreadable();
  return aud;
}

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(token.split(".")[1] ?? "", "base64url").toString(),
    );
    if (isRecord(claims)) return claims;
  } catch (cause) {
    throw unreadable(cause);
  }
  throw unreadable();
}

function unreadable(cause?: unknown): ValidationError {
  return new ValidationError(
    "that is no token: copy all of it from the command the first machine printed",
    {
      cause,
    },
  );
}
