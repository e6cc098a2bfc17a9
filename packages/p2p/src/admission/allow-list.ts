import { isRecord, PermissionError } from "@net/core";
import { type DeviceCertificate, fingerprint } from "@net/core/identity";
import { assertKnown } from "@net/core/options";
import { invalid } from "../names.ts";

/**
 * Who may be linked, and what each may call. A peer is named by its id (`laptop`), by how its id begins (`gpu-*`), by its
 * device (`device:7T4M-…`, the fingerprint of its key) or by its owner (`owner:7T4M-…`); `*` is everybody.
 */
export interface AllowOptions {
  /** Who may be linked, dialled or not. Default: everybody who is let in. */
  readonly peers?: readonly string[];
  /**
   * Which tools each may call, also those with a `permission`: `{ laptop: ["search.*"], "owner:7T4M-…": ["*"] }`. A peer that
   * several names fit may call what any of them may; one that none fits, nothing. Default: see `permission`.
   */
  readonly tools?: Readonly<Record<string, readonly string[]>>;
}

/** A peer as the list knows it. */
export interface Listed {
  readonly peerId: string;
  /** The raw public key that it has proven to hold. */
  readonly device: Uint8Array;
  readonly certificate?: DeviceCertificate | undefined;
}

const names: Readonly<Record<keyof AllowOptions, true>> = { peers: true, tools: true };

/** What this peer's own user says of others: where there is a list, whoever is not on it is not allowed. */
export class AllowList {
  readonly #peers: readonly string[] | undefined;
  readonly #tools: ReadonlyMap<string, readonly string[]> | undefined;

  /** @throws ValidationError unless they are lists of texts. */
  constructor(options: AllowOptions) {
    assertKnown(options, names, "allow");
    const { peers, tools } = options;
    if (peers !== undefined && !areTexts(peers)) throw invalid("allow.peers", "a list of texts");
    this.#peers = peers;
    this.#tools = tools && readTools(tools);
  }

  /** @throws PermissionError if the peer may not be linked. */
  assertPeer(peer: Listed): void {
    if (!this.#peers || this.#peers.some((pattern) => fits(pattern, peer))) return;
    const { peerId } = peer;
    throw new PermissionError(`${peerId} is not on the list of peers that are allowed`, {
      details: { peerId },
    });
  }

  /** What the peer may call; undefined if no list says anything of tools. */
  toolsOf(peer: Listed): readonly string[] | undefined {
    if (!this.#tools) return undefined;
    const lists = [...this.#tools].filter(([pattern]) => fits(pattern, peer));
    return [...new Set(lists.flatMap(([, tools]) => tools))];
  }
}

function readTools(tools: unknown): ReadonlyMap<string, readonly string[]> {
  if (!isRecord(tools)) throw invalid("allow.tools", "an object of lists of tools");
  for (const [peer, list] of Object.entries(tools)) {
    if (!areTexts(list)) throw invalid(`allow.tools.${peer}`, "a list of tools, as search.*");
  }
  return new Map(Object.entries(tools as Record<string, readonly string[]>));
}

function fits(pattern: string, { peerId, device, certificate }: Listed): boolean {
  if (pattern === "*" || pattern === peerId) return true;
  if (pattern.endsWith("*") && peerId.startsWith(pattern.slice(0, -1))) return true;
  if (pattern === `device:${fingerprint(device)}`) return true;
  return certificate !== undefined && pattern === `owner:${fingerprint(certificate.owner)}`;
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string" && each !== "");
}
