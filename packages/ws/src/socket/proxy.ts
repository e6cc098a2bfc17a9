import { type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTLS } from "node:tls";
import {
  abortedError,
  type Clock,
  type NetworkError,
  onAbort,
  ProtocolError,
  throwIfAborted,
  toNetworkError,
} from "@net/core";
import type { ProxyServer } from "./proxy-options.ts";
import { proxyStatusError } from "./upgrade-error.ts";

// HTTP CONNECT over Node's own client, which parses the answer, limits its size and speaks TLS: the libraries for it
// bring an agent and its pool, and a WebSocket uses a connection once.

/** What Node's HTTP client asks for: a connection to there, in the clear or not. */
export type Destination = Omit<ConnectionOptions, "host" | "port"> & {
  readonly host: string;
  readonly port: number | string;
};

export interface ThroughOptions {
  /** Whether the destination is spoken with inside TLS. */
  readonly isSecure: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * A connection through a proxy to the destination, inside TLS where that is asked for. The proxy resolves the name,
 * and sees nothing of what is inside TLS.
 *
 * @throws ConnectionError, AuthenticationError (407), ProtocolError, AbortedError.
 */
export async function connectThrough(
  proxy: ProxyServer,
  destination: Destination,
  { isSecure, signal, clock }: ThroughOptions,
): Promise<Socket> {
  const { host, port } = destination;
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const socket = await openTunnel(proxy, authority, signal, clock);
  if (!isSecure) return socket;
  const servername = destination.servername ?? (isIP(host) ? "" : host);
  return connectTLS({ ...destination, port: Number(port), servername, socket });
}

async function openTunnel(
  proxy: ProxyServer,
  authority: string,
  signal: AbortSignal,
  clock: Clock,
): Promise<Socket> {
  throwIfAborted(signal);
  const { origin } = proxy.url;
  const request = connectRequest(proxy, authority);
  const opened = Promise.withResolvers<Socket>();
  request.on("error", (error) => opened.reject(unreachable(origin, error)));
  request.on("connect", (response, socket: Socket, early: Buffer) => {
    const refusal = refusalOf(origin, response, early, clock);
    if (!refusal) {
      opened.resolve(socket);
      return;
    }
    socket.destroy();
    opened.reject(refusal);
  });
  using _listener = onAbort(signal, () => request.destroy(abortedError(signal)));
  request.end();
  return await opened.promise;
}

function connectRequest({ url, headers, tls }: ProxyServer, authority: string): ClientRequest {
  const isSecure = url.protocol === "https:";
  const options = {
    ...(isSecure && (tls as ConnectionOptions)),
    agent: false,
    method: "CONNECT",
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port || (isSecure ? 443 : 80),
    path: authority,
    headers: { host: authority, ...credentialsOf(url), ...headers },
  };
  return isSecure ? secureRequest(options) : plainRequest(options);
}

/** RFC 7617. */
function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

function unreachable(origin: string, error: Error): NetworkError {
  return toNetworkError(error, { doing: "reach the proxy", address: origin });
}

function refusalOf(
  origin: string,
  { statusCode: status = 0, headers }: IncomingMessage,
  early: Buffer,
  clock: Clock,
): NetworkError | undefined {
  if (status < 200 || status > 299) {
    return proxyStatusError(origin, { status, retryAfter: headers["retry-after"], clock });
  }
  // The tunnel's other end cannot have spoken: nobody has said anything to it yet.
  if (early.length === 0) return undefined;
  return new ProtocolError(`the proxy ${origin} sent data before the tunnel was used`);
}
