import { type Clock, ValidationError } from "@net/core";
import * as oauth from "oauth4webapi";
import type { Auth, AuthContext } from "../auth/auth.ts";
import { bearer, type FreshToken } from "../auth/bearer.ts";
import type { HTTPClient } from "../client.ts";
import { getHttpClient } from "../default-client.ts";

export interface ClientCredentialsOptions {
  /** Where tokens are given out; or `issuer`. */
  readonly tokenUrl?: string | URL | undefined;
  /** Who gives them out: its metadata say where (RFC 8414, OpenID Connect Discovery). */
  readonly issuer?: string | URL | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What to ask for, separated by spaces. */
  readonly scope?: string | undefined;
  /** More parameters of the request, `audience` or `resource` for instance. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** How the client says who it is. Default `basic` (RFC 6749 §2.3.1). */
  readonly authentication?: "basic" | "post" | undefined;
  /** Asks for tokens. Default: the process's client. */
  readonly http?: Pick<HTTPClient, "fetch"> | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * OAuth 2.0 client credentials (RFC 6749 §4.4): gets a token when one is needed, keeps it until shortly before it expires,
 * and gets another when it was refused; once for all calls that wait for it. Plain http is refused but on loopback.
 *
 * @throws ValidationError unless there is either a `tokenUrl` or an `issuer`.
 * @example
 * ```ts
 * const http = new HTTPClient({ baseUrl, auth: clientCredentials({ tokenUrl, clientId, clientSecret, scope: "read" }) });
 * ```
 */
export function clientCredentials(options: ClientCredentialsOptions): Auth {
  const { tokenUrl, issuer, clock } = options;
  if ((tokenUrl === undefined) === (issuer === undefined)) {
    throw new ValidationError("client credentials need either a tokenUrl or an issuer");
  }
  const place = checkedUrl(String(tokenUrl ?? issuer));
  let server: oauth.AuthorizationServer | undefined;
  const refresh = async (context: AuthContext): Promise<FreshToken> => {
    server ??= tokenUrl === undefined ? await discovered(place, options, context) : at(place);
    return await askForToken(server, options, context);
  };
  return bearer({ refresh, clock });
}

function at(tokenUrl: URL): oauth.AuthorizationServer {
  return { issuer: tokenUrl.origin, token_endpoint: tokenUrl.href };
}

async function discovered(
  issuer: URL,
  options: ClientCredentialsOptions,
  context: AuthContext,
): Promise<oauth.AuthorizationServer> {
  const response = await oauth.discoveryRequest(issuer, {
    algorithm: "oauth2",
    ...requestOptions(issuer, options, context),
  });
  return await oauth.processDiscoveryResponse(issuer, response);
}

async function askForToken(
  server: oauth.AuthorizationServer,
  options: ClientCredentialsOptions,
  context: AuthContext,
): Promise<FreshToken> {
  const { clientId, clientSecret, scope, parameters, authentication } = options;
  const client = { client_id: clientId };
  const identity =
    authentication === "post"
      ? oauth.ClientSecretPost(clientSecret)
      : oauth.ClientSecretBasic(clientSecret);
  const fields = new URLSearchParams({ ...(scope !== undefined && { scope }), ...parameters });
  const place = new URL(server.token_endpoint ?? server.issuer);
  const how = requestOptions(place, options, context);
  const response = await oauth.clientCredentialsGrantRequest(server, client, identity, fields, how);
  const token = await oauth.processClientCredentialsResponse(server, client, response);
  const { access_token, expires_in } = token;
  return {
    token: access_token,
    ...(expires_in !== undefined && { expiresInMs: expires_in * 1000 }),
  };
}

interface HowToAsk {
  readonly signal: AbortSignal;
  readonly [oauth.customFetch]: (url: string, init: object) => Promise<Response>;
  readonly [oauth.allowInsecureRequests]: boolean;
}

function requestOptions(
  place: URL,
  { http = getHttpClient() }: ClientCredentialsOptions,
  { signal }: AuthContext,
): HowToAsk {
  return {
    signal,
    [oauth.customFetch]: (url, init) => http.fetch(url, init),
    [oauth.allowInsecureRequests]: isLoopback(place),
  };
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && loopback.test(hostname);
}

function checkedUrl(text: string): URL {
  const url = URL.parse(text);
  if (url && (url.protocol === "https:" || isLoopback(url))) return url;
  throw new ValidationError(`tokens are asked for over https, not at ${text}`);
}
