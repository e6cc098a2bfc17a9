import { type Logger, NetworkError } from "@net/core";
import { MAX_TITLE_LENGTH } from "../../tools/annotations.ts";
import { MAX_DESCRIPTION_LENGTH, type ToolDefinition } from "../../tools/tool.ts";
import type { ToolRegistry } from "../network.ts";
import type { McpClient, McpTool } from "../sdk-client.ts";
import { foreignSchema } from "./foreign-schema.ts";
import { mountedHandler } from "./mounted-call.ts";

/** How a server's tools are offered to peers. */
export interface MountPolicy {
  /** Before each name. */
  readonly prefix: string;
  /** Which tools are offered. */
  readonly permit: (tool: McpTool) => boolean;
  /** Whether what the server says of its tools is believed. */
  readonly trustHints: boolean;
  /** The same for all of them. */
  readonly common: Pick<ToolDefinition, "permission" | "requires" | "concurrency" | "queue">;
}

interface Mounted {
  /** How the server described it. */
  readonly description: string;
  readonly takeAway: () => void;
}

/** The tools of one server among a peer's: follows what the server says it has. */
export class MountedTools {
  readonly #registry: ToolRegistry;
  readonly #policy: MountPolicy;
  readonly #logger: Logger;
  readonly #mounted = new Map<string, Mounted>();
  /** What was not mounted, and why. */
  readonly skipped: Map<string, string> = new Map();

  constructor(registry: ToolRegistry, policy: MountPolicy, logger: Logger) {
    this.#registry = registry;
    this.#policy = policy;
    this.#logger = logger;
  }

  /** As peers know them. */
  get names(): readonly string[] {
    return [...this.#mounted.keys()];
  }

  /** Adds what is new, takes away what is gone, replaces what has changed. One bad tool does not keep out the others. */
  update(client: McpClient, tools: readonly McpTool[]): void {
    const wanted = new Map(
      tools.filter(this.#policy.permit).map((tool) => [this.#nameOf(tool), tool]),
    );
    this.skipped.clear();
    for (const [name, { description }] of this.#mounted) {
      const tool = wanted.get(name);
      if (tool && JSON.stringify(tool) === description) wanted.delete(name);
      else this.#remove(name);
    }
    for (const [name, tool] of wanted) this.#add(name, tool, client);
  }

  /** Takes all of them away. */
  clear(): void {
    for (const name of this.names) this.#remove(name);
  }

  #add(name: string, tool: McpTool, client: McpClient): void {
    const call = { client, tool: tool.name, repeatable: this.#isRepeatable(tool) };
    try {
      const definition = this.#define(name, tool);
      const takeAway = this.#registry.registerTool(definition, mountedHandler(call));
      this.#mounted.set(name, { description: JSON.stringify(tool), takeAway });
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      this.skipped.set(name, error.message);
      this.#logger.warn({ tool: name, error }, "a tool of an MCP server was not mounted");
    }
  }

  #define(name: string, tool: McpTool): ToolDefinition {
    const { title, description, inputSchema, outputSchema, annotations } = tool;
    return {
      name,
      ...(title !== undefined && { title: cut(title, MAX_TITLE_LENGTH) }),
      ...(description !== undefined && { description: cut(description, MAX_DESCRIPTION_LENGTH) }),
      inputSchema: foreignSchema(inputSchema, `inputSchema of ${name}`),
      ...(outputSchema && { outputSchema: foreignSchema(outputSchema, `outputSchema of ${name}`) }),
      ...(annotations && {
        annotations: annotations as NonNullable<ToolDefinition["annotations"]>,
      }),
      ...(this.#isRepeatable(tool) && { idempotent: true }),
      ...this.#policy.common,
    };
  }

  #isRepeatable({ annotations }: McpTool): boolean {
    if (!this.#policy.trustHints) return false;
    return annotations?.idempotentHint === true || annotations?.readOnlyHint === true;
  }

  #nameOf({ name }: McpTool): string {
    return `${this.#policy.prefix}${name}`;
  }

  #remove(name: string): void {
    this.#mounted.get(name)?.takeAway();
    this.#mounted.delete(name);
  }
}

/** A text that is too long is no reason to do without the tool. */
function cut(text: string, maxLength: number): string {
  return text.slice(0, maxLength).toWellFormed();
}
