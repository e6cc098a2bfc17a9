import { type ProxyServer, proxyOf } from "./proxy-options.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a WebSocket URL, as curl reads it: `https_proxy` for `wss`, `http_proxy` for
 * `ws`, else `all_proxy`, in small letters or capitals; none where `no_proxy` names the host.
 *
 * @throws ValidationError if what stands there is no proxy's URL.
 */
export function proxyFromEnvironment(
  url: string,
  environment: Environment,
): ProxyServer | undefined {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === "wss:";
  const direct = variable(environment, "no_proxy");
  if (isDirect(hostname, port || (isSecure ? "443" : "80"), direct)) return undefined;
  const named = variable(environment, isSecure ? "https_proxy" : "http_proxy");
  const value = named || variable(environment, "all_proxy");
  if (value === "") return undefined;
  return proxyOf(value.includes("://") ? value : `http://${value}`) as ProxyServer;
}

function variable(environment: Environment, name: string): string {
  return environment[name] || environment[name.toUpperCase()] || "";
}

function isDirect(hostname: string, port: string, direct: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return direct
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => names(entry, host, port));
}

/** Whether an entry of `no_proxy` means the host: by its name, the end of its name, with or without a port, or as `*`. */
function names(entry: string, host: string, port: string): boolean {
  if (entry === "*" || entry === host) return true;
  const [, name = "", only = port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
  const end = name.replace(/^\[|\]$/g, "").replace(/^\*?\./, "");
  return end !== "" && only === port && (host === end || host.endsWith(`.${end}`));
}
