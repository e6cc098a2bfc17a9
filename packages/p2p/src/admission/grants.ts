import { PermissionError } from "@net/core";
import type { Standing } from "./standing.ts";
import type { Claims } from "./token-claims.ts";

/** Which tools with a `permission` a peer may call: all, or those that its patterns name. */
export type Grants = "all" | readonly string[];

/** What a peer may call. */
export interface Rights {
  readonly grants: Grants;
  /** No other tools than these, with a `permission` or without: what this peer's own `allow` lists for it. */
  readonly allowed?: readonly string[] | undefined;
  /** No other tools than these: what is granted to its owner, if that is not this peer's. */
  readonly shared?: readonly string[] | undefined;
  /** No other tools than these: what its token names, if that names tools. */
  readonly named?: readonly string[] | undefined;
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
  const { iss, sub } = claims;
  return namedBy(claims) ?? (iss === sub && !issuer ? "all" : []);
}

/** The same, and what narrows it: this peer's own `allow`, grants between owners, and a token that names tools. */
export function rightsOf(standing: Standing): Rights {
  const { allowed, shared, claims } = standing;
  return { grants: grantsOf(standing), allowed, shared, named: claims && namedBy(claims) };
}

/** @throws PermissionError saying what is missing. */
export function assertMayCall(tool: Guarded, { grants, allowed, shared, named }: Rights): void {
  const { name, permission } = tool;
  if (!(isOn(allowed, tool) && isOn(shared, tool) && isOn(named, tool))) {
    throw new PermissionError(`${name} is none of the tools that the caller may use`);
  }
  // Whoever is on a list for a tool needs no other word for it.
  if (allowed || shared || named || permission === undefined) return;
  if (isGranted(permission, grants)) return;
  throw new PermissionError(
    `${name} asks for the permission ${permission}, and nothing that the caller has shown grants it`,
  );
}

/** The tools that a token names, by patterns; undefined if it says nothing of tools. What is no pattern names none. */
function namedBy({ tools }: Claims): readonly string[] | undefined {
  if (tools === undefined) return undefined;
  return Array.isArray(tools) ? tools.filter((pattern) => typeof pattern === "string") : [];
}

/** Whether a list has the tool, by its name or its permission. Without a list, every tool is on it. */
function isOn(list: readonly string[] | undefined, { name, permission }: Guarded): boolean {
  if (!list || isGranted(name, list)) return true;
  return permission !== undefined && isGranted(permission, list);
}

function matches(pattern: string, permission: string): boolean {
  if (pattern === "*" || pattern === permission) return true;
  return pattern.endsWith(".*") && permission.startsWith(pattern.slice(0, -1));
}
