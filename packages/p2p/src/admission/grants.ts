import { PermissionError } from "@net/core";
import type { Standing } from "./standing.ts";

/** Which tools with a `permission` a peer may call: all, or those that its patterns name. */
export type Grants = "all" | readonly string[];

/** What a peer may call. */
export interface Rights {
  readonly grants: Grants;
  /** No other tools than these, with a `permission` or without: what this peer's own `allow` lists for it. */
  readonly allowed?: readonly string[] | undefined;
  /** No other tools than these: what is granted to its owner, if that is not this peer's. */
  readonly shared?: readonly string[] | undefined;
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

/** The same, and what narrows it: this peer's own `allow`, and grants between owners. */
export function rightsOf(standing: Standing): Rights {
  const { allowed, shared } = standing;
  return { grants: grantsOf(standing), allowed, shared };
}

/** @throws PermissionError saying what is missing. */
export function assertMayCall(tool: Guarded, { grants, allowed, shared }: Rights): void {
  const { name, permission } = tool;
  if ((allowed && !isListed(tool, allowed)) || (shared && !isListed(tool, shared))) {
    throw new PermissionError(`${name} is none of the tools that the caller may use`);
  }
  // Whoever is on a list for a tool needs no other word for it.
  if (allowed || shared || permission === undefined || isGranted(permission, grants)) return;
  throw new PermissionError(
    `${name} asks for the permission ${permission}, and nothing that the caller has shown grants it`,
  );
}

function isListed({ name, permission }: Guarded, list: readonly string[]): boolean {
  return isGranted(name, list) || (permission !== undefined && isGranted(permission, list));
}

function matches(pattern: string, permission: string): boolean {
  if (pattern === "*" || pattern === permission) return true;
  return pattern.endsWith(".*") && permission.startsWith(pattern.slice(0, -1));
}
