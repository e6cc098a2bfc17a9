import { ValidationError } from "@net/core";
import type { ProxyOptions } from "../options/connection-options.ts";

/**
 * A proxy as undici takes it; its URI is `env` where the environment says.
 *
 * @throws ValidationError on no URL of one; and on SOCKS with a guard, which would have certificates checked for the
 * address instead of the name.
 */
export function proxyOptions(
  proxy: string | URL | ProxyOptions,
  isGuarded: boolean,
): {
  readonly uri: string;
  readonly token?: string;
  readonly proxyTunnel?: boolean;
} {
  if (proxy === "env") return { uri: "env" };
  const { url, token, tunnel } =
    typeof proxy === "string" || proxy instanceof URL ? ({ url: proxy } as ProxyOptions) : proxy;
  const parsed = URL.parse(String(url));
  if (!parsed || !/^(https?|socks5?):$/.test(parsed.protocol)) {
    throw new ValidationError('proxy must be an http, https or socks5 URL, or "env"');
  }
  if (isGuarded && parsed.protocol.startsWith("socks")) {
    throw new ValidationError("network cannot be held behind a SOCKS proxy");
  }
  return {
    uri: parsed.href,
    ...(token !== undefined && { token }),
    ...(tunnel !== undefined && { proxyTunnel: tunnel }),
  };
}
