import { silentLogger, systemClock } from "@net/core";
import type { SecureWebSockets } from "../default-transport.ts";
import { invalid } from "../names.ts";
import { tlsEnd } from "../tls/tls-end.ts";
import type { PeerNetworkOptions } from "./peer-network-options.ts";

const paths = ["tlsKey", "tlsCert", "tlsCa"] as const;

/** How this peer's TLS ends are made; undefined if it has none. @throws ValidationError */
export function readTLS(options: PeerNetworkOptions): SecureWebSockets | undefined {
  const { enableTLS = false, tlsKey, tlsCert, tlsCa, channelBinding = "require" } = options;
  for (const name of paths) assertPath(name, options[name], enableTLS);
  if ((tlsKey === undefined) !== (tlsCert === undefined)) {
    throw invalid(
      tlsKey ? "tlsCert" : "tlsKey",
      "given too: a key and its certificate go together",
    );
  }
  if (!enableTLS) return undefined;
  const isBound = channelBinding === "require";
  const verify = options.tlsVerify ?? (tlsCa !== undefined || !isBound);
  if (!verify && (!isBound || tlsCa !== undefined)) {
    throw invalid(
      "tlsVerify",
      "true with a tlsCa, and unless channelBinding is require: else anybody could answer",
    );
  }
  const { clock = systemClock, logger = silentLogger, host } = options;
  return () =>
    tlsEnd({ keyPath: tlsKey, certPath: tlsCert, caPath: tlsCa, verify, host, clock, logger });
}

function assertPath(name: string, path: unknown, enableTLS: boolean): void {
  if (path === undefined) return;
  if (typeof path !== "string" || path === "") throw invalid(name, "a path");
  if (!enableTLS) throw invalid(name, "left out without enableTLS");
}
