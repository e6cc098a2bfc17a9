import { ClosedError } from "@net/core";

/** What is left undone, or asked for, once a peer was stopped. */
export function stopped(): ClosedError {
  return new ClosedError("this peer was stopped");
}
