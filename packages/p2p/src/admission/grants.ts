import { PermissionError } from "@net/core";
import type { Standing } from "./standing.ts";

/** Which tools with a `permission` a peer may call: all, or those that its patterns name. */
export type Grants = "all" | readonly string[];

/** What a peer may call. */
export interface Rights {
  readonly grants: Grants;
  /** No other tools than these, with a `permission` or without; undefined: all that ask for none. */
  readonly only?: readonly string[] | undefined;
}

/** What of a tool decides who may call it. */
export interface Guarded {
  readonly name: string;
  readonly permission?: string | undefined;
}

/** `search.web` is granted by `search.web`, `search.*` and `*`. */
export function isGranted(permission: string, grants: Grants): boolean {
  if (grants === "all") return true;
  return grants.some((pattern) => matches(pattern, permission));
}

/**
 * What a peer may do: everything if it is a device of this peer's owner; what is granted to its owner, if that is another one.
 * With a token what that names, or everything if the peer made it itself with the network's secret, since that one could name
 * anything. Nothing in an open network, where nobody proves who he is.
 */
export function grantsOf({ certificate, shared, claims, issuer }: Standing): Grants {
  if (shared) return shared;
  if (certificate) return "all";
  if (!claims) return [];
  const { tools, iss, sub } = claims;
  if (tools === undefined && iss === sub && !issuer) return "all";
  return Array.isArray(tools) ? tools.filter((pattern) => typeof pattern === "string") : [];
}

/** The same with what narrows it: this peer's own `allow`, which has the last word, and grants between owners. */
export function rightsOf(standing: Standing): Rights {
  const { allowed, shared } = standing;
  if (allowed) return { grants: allowed, only: allowed };
  return { grants: grantsOf(standing), only: shared };
}

/** @throws PermissionError saying what is missing. */
export function assertMayCall({ name, permission }: Guarded, { grants, only }: Rights): void {
  const names = permission === undefined ? [name] : [name, permission];
  if (only) {
    if (names.some((each) => isGranted(each, only))) return;
    throw new PermissionError(`${name} is none of the tools that the caller may use`);
  }
  if (permission === undefined || isGranted(permission, grants)) return;
  throw new PermissionError(
    `${name} asks for the permission ${permission}, which the caller was not granted`,
  );
}

function matches(pattern: string, permission: string): boolean {
  if (pattern === "*" || pattern === permission) return true;
  return pattern.endsWith(".*") && permission.startsWith(pattern.slice(0, -1));
}
