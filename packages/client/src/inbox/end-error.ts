import { AuthenticationError, ClosedError, type NetworkError } from "@net/core";
import type { ClientEnd } from "@net/ws";

/** The server's own close codes, see @net/server's README. */
const UNAUTHORIZED = 4500;
const REPLACED = 4501;

/** Why the messages ended, in words that say what to do; undefined if we ended them. */
export function endError({ code, reason, error }: ClientEnd): NetworkError | undefined {
  if (!error) return undefined;
  const options = { cause: error };
  switch (code) {
    case UNAUTHORIZED:
      return new AuthenticationError(`the session has ended (${reason}): log in again`, options);
    case REPLACED:
      return new ClosedError(`${reason}: log in with another device name to read on both`, options);
    default:
      return error;
  }
}
