import type { LookupFunction } from "node:net";
import type { NetworkOption } from "../guard/guard.ts";

/** A proxy, and how to be let in. */
export interface ProxyOptions {
  /** `http:`, `https:` or `socks5:`; may carry user and password. */
  readonly url: string | URL;
  /** The value of `Proxy-Authorization`. */
  readonly token?: string | undefined;
  /** Tunnel plain http too, instead of letting the proxy see it. Default false. */
  readonly tunnel?: boolean | undefined;
}

/** What of answers is kept to be given again (RFC 9111). */
export interface CacheOptions {
  /** Default 1024. */
  readonly maxEntries?: number | undefined;
  /** Of all entries together. Default 100 MiB. */
  readonly maxBytes?: number | undefined;
  /** Of one entry. Default 5 MiB. */
  readonly maxEntryBytes?: number | undefined;
  /** For many users: keeps nothing that was meant for one. Default false. */
  readonly shared?: boolean | undefined;
}

/** How the connections of a client are made. What is not asked for costs nothing. */
export interface ConnectionOptions {
  /** Where requests may go. Default `any`. */
  readonly network?: NetworkOption | undefined;
  /** A proxy; `env` takes what `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say. Default none. */
  readonly proxy?: string | URL | ProxyOptions | undefined;
  /** Connections to one origin. Default 256. */
  readonly maxConnections?: number | undefined;
  /** Keeps answers and gives them again as RFC 9111 says; true for the defaults. Default false. */
  readonly cache?: boolean | CacheOptions | undefined;
  /** One request for several equal GETs at the same moment. Default false. */
  readonly deduplicate?: boolean | undefined;
  /** Remembers the addresses of names, for so many ms. Default: asks the system for each new connection. */
  readonly dnsTtl?: number | undefined;
  /** Resolves names. Default `dns.lookup`. */
  readonly lookup?: LookupFunction | undefined;
  /** Certificates of authorities to trust besides, or instead of, the usual ones, in PEM. */
  readonly ca?: string | readonly string[] | undefined;
}
