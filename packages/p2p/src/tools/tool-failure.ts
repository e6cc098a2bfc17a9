import { NetworkError, RemoteError } from "@net/core";

export function toolNotFound(name: string): NetworkError {
  return new NetworkError("TOOL_NOT_FOUND", `there is no tool called ${name} here`);
}

/** What a tool threw, as one of the family. */
export function toolFailure(name: string, error: unknown): NetworkError {
  if (NetworkError.is(error)) return error;
  const remoteName = error instanceof Error ? error.name : typeof error;
  const message = error instanceof Error ? error.message : "it threw what is no error";
  return new RemoteError(`${name} failed: ${message}`, { cause: error, remoteName });
}
