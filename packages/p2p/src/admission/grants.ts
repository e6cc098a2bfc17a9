import type { Standing } from "./standing.ts";

/** Which tools with a `permission` a neighbour may call: all, or those that its patterns name. */
export type Grants = "all" | readonly string[];

/** `search.web` is granted by `search.web`, `search.*` and `*`. */
export function isGranted(permission: string, grants: Grants): boolean {
  if (grants === "all") return true;
  return grants.some((pattern) => matches(pattern, permission));
}

/**
 * What a peer may do: everything if it is a device of this peer's owner. With a token what that names, or everything if the
 * peer made it itself, since that one knows the secret and could name anything. Nothing in an open network, where nobody
 * proves who he is.
 */
export function grantsOf({ certificate, claims }: Standing): Grants {
  if (certificate) return "all";
  if (!claims) return [];
  const { tools, iss, sub } = claims;
  if (tools === undefined && iss === sub) return "all";
  return Array.isArray(tools) ? tools.filter((pattern) => typeof pattern === "string") : [];
}

function matches(pattern: string, permission: string): boolean {
  if (pattern === "*" || pattern === permission) return true;
  return pattern.endsWith(".*") && permission.startsWith(pattern.slice(0, -1));
}
