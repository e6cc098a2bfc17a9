import type { McpBlock } from "./content.ts";

/** What came with a call. */
export interface McpCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  /** Tells the caller how far it is; undefined if it did not ask. */
  readonly notify: ((progress: McpProgress) => Promise<void>) | undefined;
}

/** https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/progress */
export interface McpProgress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** What a call gave, for the wire. */
export interface McpCallResult {
  readonly content: readonly McpBlock[];
  readonly structuredContent?: unknown;
  readonly isError?: true;
  readonly _meta?: Readonly<Record<string, unknown>>;
}
