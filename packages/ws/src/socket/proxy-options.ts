import { ValidationError } from "@net/core";
import type { TLSOptions } from "./tls-options.ts";

/** A proxy that opens tunnels (HTTP CONNECT, RFC 9110 §9.3.6). */
export interface ProxyOptions {
  /** `http://user:password@host:port`, or `https://…`. */
  readonly url: string | URL;
  /** Further headers for the proxy itself. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How to speak with an `https` proxy. The server behind it is none of its business. */
  readonly tls?: TLSOptions | undefined;
}

/** A proxy's URL, its options, or `environment`: what `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say. */
export type ProxyOption = "environment" | string | URL | ProxyOptions;

/** A proxy that can be asked. */
export interface ProxyServer extends ProxyOptions {
  readonly url: URL;
}

/** @throws ValidationError if it is no proxy's URL; the message holds no password. */
export function proxyOf(option: ProxyOption): ProxyServer | "environment" {
  if (option === "environment") return option;
  const options = typeof option === "string" || option instanceof URL ? { url: option } : option;
  const url = URL.parse(String(options.url));
  if (url && /^https?:$/.test(url.protocol) && isDecodable(url)) return { ...options, url };
  // What cannot be parsed may hold a password where nobody looks for one.
  throw new ValidationError(
    "this is no proxy's URL; one looks like http://user:password@host:port, or https://…",
  );
}

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
