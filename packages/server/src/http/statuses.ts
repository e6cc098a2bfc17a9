import type { ErrorCode, NetworkError } from "@net/core";

/** Codes whose HTTP status is not 500. */
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  INVALID_ARGUMENT: 400,
  AUTHENTICATION_FAILED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  FRAME_TOO_LARGE: 413,
  UNSUPPORTED: 415,
  RATE_LIMITED: 429,
  ABORTED: 503,
  CLOSED: 503,
  OVERLOADED: 503,
  OUT_OF_RESOURCES: 507,
};

const SERVER_FAULT = 500;

export function statusOf({ code }: NetworkError): number {
  return statuses[code] ?? SERVER_FAULT;
}
