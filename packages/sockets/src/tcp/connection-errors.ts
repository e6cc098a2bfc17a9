import { ClosedError, type NetworkError, NetworkTimeoutError, toNetworkError } from "@net/core";

export function idleError(timeoutMs: number): NetworkTimeoutError {
  const message = `nothing was sent or received for ${timeoutMs} ms`;
  return new NetworkTimeoutError(message, { kind: "idle", timeoutMs });
}

export function closedHere(address: string): ClosedError {
  return new ClosedError(`the connection to ${address} was closed here`);
}

/** @param cause undefined if it ended in order. */
export function lostError(address: string, cause?: Error | undefined): NetworkError {
  if (!cause) return new ClosedError(`the connection to ${address} has ended`);
  return toNetworkError(cause, { doing: "stay connected to", address, phase: "open" });
}

export function notWritableError(address: string, endedByOther: boolean): ClosedError {
  return new ClosedError(
    endedByOther
      ? `the connection to ${address} was closed by the other side`
      : `end() was called: nothing more can be sent to ${address}`,
  );
}
