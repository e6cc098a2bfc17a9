import { isRecord } from "@net/core";

/**
 * A piece of MCP's content as it travels between peers: as in MCP, but images, audio and blobs are bytes instead of their
 * base64.
 */
export type McpBlock = { readonly type: string; readonly [field: string]: unknown };

/** A result that is no structured value: texts, images, sounds, resources, links. Any tool may return one. */
export interface McpContent {
  readonly content: readonly McpBlock[];
}

/** Which fields, besides its type, make a block of a kind. */
const kinds: Readonly<Record<string, (block: McpBlock) => boolean>> = {
  text: ({ text }) => typeof text === "string",
  image: ({ data, mimeType }) => isData(data) && typeof mimeType === "string",
  audio: ({ data, mimeType }) => isData(data) && typeof mimeType === "string",
  resource_link: ({ uri, name }) => typeof uri === "string" && typeof name === "string",
  resource: ({ resource }) =>
    isRecord(resource) &&
    typeof resource.uri === "string" &&
    (typeof resource.text === "string" || isData(resource.blob)),
};

/** True for what consists of blocks that MCP knows, and of nothing else. */
export function isMcpContent(value: unknown): value is McpContent {
  if (!isRecord(value) || !Array.isArray(value.content)) return false;
  return Object.keys(value).length === 1 && value.content.every(isBlock);
}

/** Blocks from the wire of MCP. */
export function decodeBlock(block: McpBlock): McpBlock {
  const { data, resource } = block;
  if (typeof data === "string") return { ...block, data: bytesOf(data) };
  if (isRecord(resource) && typeof resource.blob === "string") {
    return { ...block, resource: { ...resource, blob: bytesOf(resource.blob) } };
  }
  return block;
}

/** Blocks for the wire of MCP. */
export function encodeBlock(block: McpBlock): McpBlock {
  const { data, resource } = block;
  if (data instanceof Uint8Array) return { ...block, data: base64(data) };
  if (isRecord(resource) && resource.blob instanceof Uint8Array) {
    return { ...block, resource: { ...resource, blob: base64(resource.blob) } };
  }
  return block;
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function isBlock(value: unknown): boolean {
  if (!isRecord(value) || typeof value.type !== "string") return false;
  const isKind = Object.hasOwn(kinds, value.type) ? kinds[value.type] : undefined;
  return isKind?.(value as McpBlock) ?? false;
}

function isData(value: unknown): boolean {
  return typeof value === "string" || value instanceof Uint8Array;
}

/** A view of its own memory: Buffer's pool must not travel with it. */
function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
