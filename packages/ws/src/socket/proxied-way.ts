import type { Socket } from "node:net";
import type { Clock } from "@net/core";
import { connectThrough, type Destination } from "./proxy.ts";
import { proxyFromEnvironment } from "./proxy-environment.ts";
import type { ProxyServer } from "./proxy-options.ts";

/** How a WebSocket's connection is made through a proxy. */
export interface ProxiedWay {
  /** What Node's HTTP client calls for a connection. */
  connect(to: Destination, done: (error: unknown, socket?: Socket) => void): void;
  /** Nobody waits for the connection any more. */
  end(): void;
}

/** The way through the proxy, or through the one that the environment names; undefined for the straight one. */
export function proxiedWay(
  url: string,
  option: ProxyServer | "environment" | undefined,
  clock: Clock,
): ProxiedWay | undefined {
  const proxy = option === "environment" ? proxyFromEnvironment(url, process.env) : option;
  if (!proxy) return undefined;
  const dialling = new AbortController();
  const through = { isSecure: url.startsWith("wss:"), signal: dialling.signal, clock };
  return {
    connect: (to, done) => {
      connectThrough(proxy, to, through).then((socket) => done(null, socket), done);
    },
    end: () => dialling.abort(),
  };
}
