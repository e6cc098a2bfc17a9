import type { Claims } from "./token.ts";

/** Which tools with a `permission` a neighbour may call: all, or those that its patterns name. */
export type Grants = "all" | readonly string[];

/** `search.web` is granted by `search.web`, `search.*` and `*`. */
export function isGranted(permission: string, grants: Grants): boolean {
  if (grants === "all") return true;
  return grants.some((pattern) => matches(pattern, permission));
}

/**
 * What a peer's token grants: what it names, or everything if the peer made it itself, since that one knows the
 * secret and could name anything. Nothing in a network without a secret, where nobody proves who he is.
 */
export function grantsOf(claims: Claims | undefined): Grants {
  if (!claims) return [];
  const { tools, iss, sub } = claims;
  if (tools === undefined && iss === sub) return "all";
  return Array.isArray(tools) ? tools.filter((pattern) => typeof pattern === "string") : [];
}

function matches(pattern: string, permission: string): boolean {
  if (pattern === "*" || pattern === permission) return true;
  return pattern.endsWith(".*") && permission.startsWith(pattern.slice(0, -1));
}
