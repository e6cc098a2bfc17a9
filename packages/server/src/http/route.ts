import { AuthenticationError } from "@net/core";
import type { Accounts } from "../accounts/accounts.ts";
import type { RateLimiter } from "../limits/rate-limiter.ts";
import type { Session } from "../store/store.ts";

/** A JSON Schema. The `description` of a text with a `pattern` completes the sentence "… must be". */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a handler sees of a request. The body has passed the route's schema. */
export interface RouteRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** The client's address. */
  readonly ip: string;
  readonly authorization: string | undefined;
}

export interface RouteReply {
  /** Default 200; 204 without a body. */
  readonly status?: number;
  readonly body?: object;
}

export type Handler = (request: RouteRequest) => Promise<RouteReply>;

/** One thing the API does, whichever framework serves it. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT";
  /** With parameters as in `/agents/:friendId`. */
  readonly path: string;
  readonly body?: JsonSchema;
  readonly handle: Handler;
}

/** Wraps handlers that only users with a valid session reach, and no more often than the limit allows. */
export type Guard = (
  handle: (session: Session, request: RouteRequest) => Promise<RouteReply>,
) => Handler;

const bearer = /^Bearer (?<token>[\w-]{1,256})$/i;

export function sessionGuard(accounts: Accounts, requests: RateLimiter): Guard {
  return (handle) => async (request) => {
    const session = await accounts.authenticate(bearerToken(request.authorization));
    requests.take(session.user.id);
    return handle(session, request);
  };
}

function bearerToken(authorization: string | undefined): string {
  const token = bearer.exec(authorization ?? "")?.groups?.token;
  if (token !== undefined) return token;
  throw new AuthenticationError("log in first, and send the header Authorization: Bearer <token>");
}
