import type { NetworkError } from "@net/core";

/** What is known about a failed call besides the failure. */
interface Facts {
  /** How often it was tried. */
  readonly attempts?: number;
  /** False if nothing went out: then it can be tried again whatever it is. */
  readonly sent?: boolean;
}

/** Writes them into the error's details, where they survive logs and the wire. */
export function addFacts<E extends NetworkError>(error: E, facts: Facts): E {
  Object.assign(error.details, facts);
  return error;
}

/** Nothing of the request left this machine. */
export function isUnsent({ details }: NetworkError): boolean {
  return details.sent === false;
}
