import { isMcpContent, type McpBlock } from "../content.ts";

/** How much of a stream is kept for a tool that has no other result, in characters of JSON. */
const MAX_KEPT = 1_048_576;

/**
 * What a tool streamed. MCP has no streams: blocks of content join the result, and of a tool that streams and returns
 * nothing, what it streamed is the result.
 */
export class StreamParts {
  readonly blocks: McpBlock[] = [];
  readonly #kept: unknown[] = [];
  #size = 0;
  #isCut = false;

  add(chunk: unknown): void {
    if (isMcpContent(chunk)) {
      this.blocks.push(...chunk.content);
      return;
    }
    this.#size += String(JSON.stringify(chunk)).length;
    if (this.#size > MAX_KEPT) this.#isCut = true;
    else this.#kept.push(chunk);
  }

  /** The result of a tool that returned this. */
  resultOf(value: unknown): unknown {
    if (value !== undefined && value !== null) return value;
    if (this.#kept.length === 0) return value;
    if (!this.#kept.every((chunk) => typeof chunk === "string")) return this.#kept;
    return this.#isCut ? `${this.#kept.join("")}…` : this.#kept.join("");
  }
}
