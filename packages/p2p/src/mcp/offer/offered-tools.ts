import { createHash } from "node:crypto";
import type { ToolManifest } from "../../tools/manifest.ts";
import type { McpToolDescription } from "../sdk-server.ts";
import { type OfferedInput, offerInput } from "./offered-input.ts";

/** A tool as MCP's clients see it, and what it is in the mesh. */
export interface OfferedTool {
  readonly description: McpToolDescription;
  /** Its name in the mesh. */
  readonly tool: string;
  /** Whose; undefined: whichever peer does it best. */
  readonly peerId: string | undefined;
  readonly input: OfferedInput;
}

export interface OfferPolicy {
  /** This peer, whose descriptions come first. */
  readonly peerId: string;
  readonly naming: "merged" | "per-peer";
  readonly permit: (tool: ToolManifest, peerId: string) => boolean;
}

interface PeerTool {
  readonly peerId: string;
  readonly manifest: ToolManifest;
}

/** What MCP's clients may be shown: "a-z", "A-Z", "0-9", "_", "-" and "." (specification 2026-07-28, Tool Names). */
const foreignSign = /[^A-Za-z0-9_.-]/g;
const MAX_NAME_LENGTH = 128;
const DIGEST_LENGTH = 8;

/**
 * All tools of a mesh under names of their own, sorted. Tools of one name that take and give the same are one tool, run
 * by whichever peer does it best; where peers differ, each has its own, `peer.tool`.
 */
export function offeredTools(
  peers: ReadonlyMap<string, readonly ToolManifest[]>,
  policy: OfferPolicy,
): ReadonlyMap<string, OfferedTool> {
  const offered = new Map<string, OfferedTool>();
  for (const [name, tools] of byName(peers, policy)) {
    const isOne = policy.naming === "merged" && tools.every((tool) => isAlike(tool, tools[0]));
    for (const tool of isOne ? [merge(name, tools)] : tools.map(offerOfPeer)) {
      const name = freeName(tool, offered);
      offered.set(name, { ...tool, description: { ...tool.description, name } });
    }
  }
  return new Map([...offered].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function byName(
  peers: ReadonlyMap<string, readonly ToolManifest[]>,
  { peerId: self, permit }: OfferPolicy,
): ReadonlyMap<string, PeerTool[]> {
  const named = new Map<string, PeerTool[]>();
  const order = [...peers.keys()].sort(
    (a, b) => Number(b === self) - Number(a === self) || (a < b ? -1 : 1),
  );
  for (const peerId of order) {
    for (const manifest of peers.get(peerId) ?? []) {
      if (!permit(manifest, peerId)) continue;
      named.set(manifest.name, [...(named.get(manifest.name) ?? []), { peerId, manifest }]);
    }
  }
  return named;
}

function isAlike({ manifest }: PeerTool, other: PeerTool | undefined): boolean {
  return other !== undefined && shapeOf(manifest) === shapeOf(other.manifest);
}

function shapeOf({ inputSchema, outputSchema }: ToolManifest): string {
  return JSON.stringify([canonical(inputSchema ?? null), canonical(outputSchema ?? null)]);
}

/** The same for objects whose members only come in another order. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return members.map(([key, member]) => [key, canonical(member)]);
}

/** What only one peer has goes straight to it, with nothing to choose. */
function merge(name: string, tools: readonly PeerTool[]): OfferedTool {
  const [first] = tools as [PeerTool];
  return offer(name, first.manifest, tools.length === 1 ? first.peerId : undefined);
}

function offerOfPeer({ peerId, manifest }: PeerTool): OfferedTool {
  return offer(`${peerId}.${manifest.name}`, manifest, peerId);
}

function offer(name: string, manifest: ToolManifest, peerId: string | undefined): OfferedTool {
  const { title, description, outputSchema, annotations } = manifest;
  const input = offerInput(manifest.inputSchema);
  return {
    ...{ tool: manifest.name, peerId, input },
    description: {
      ...{ name: mcpName(name), inputSchema: input.schema },
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      ...(outputSchema && { outputSchema: { ...outputSchema } }),
      ...(annotations && { annotations: { ...annotations } }),
    },
  };
}

/** `a` and `b.c` make the same name as `a.b` and `c` do: the second one ends with a digest. */
function freeName(
  { description: { name }, tool, peerId = "" }: OfferedTool,
  taken: ReadonlyMap<string, OfferedTool>,
): string {
  return taken.has(name) ? withDigest(name, `${peerId}\n${tool}`) : name;
}

/** A name that had to be changed ends with a digest of what it was, so that no two become one. */
function mcpName(name: string): string {
  const changed = name.replace(foreignSign, "_");
  if (changed === name && name.length <= MAX_NAME_LENGTH) return name;
  return withDigest(changed, name);
}

function withDigest(name: string, of: string): string {
  const digest = createHash("sha256").update(of).digest("hex").slice(0, DIGEST_LENGTH);
  return `${name.slice(0, MAX_NAME_LENGTH - DIGEST_LENGTH - 1)}-${digest}`;
}
