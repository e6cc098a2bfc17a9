import { type Schema, ValidationError } from "@net/core";
import { areNames, assertName, invalid, MAX_CAPABILITIES } from "../names.ts";
import type { ExecutionContext } from "../wire/calls.ts";

/** How many calls of one tool run at the same time unless it says otherwise. */
export const DEFAULT_TOOL_CONCURRENCY = 64;

/** What a tool is called, takes and needs. */
export interface ToolDefinition<Args = unknown> {
  /** At most 128 characters. */
  readonly name: string;
  /** For people, and for models that choose among tools. */
  readonly description?: string;
  /** What its arguments must be: any Standard Schema (Zod, Valibot, ArkType, …). Default: anything. */
  readonly inputSchema?: Schema<Args>;
  /** Capabilities that the peer must have to run it. */
  readonly requires?: readonly string[];
  /** The most calls at the same time; one more is `OVERLOADED`. Default 64. */
  readonly concurrency?: number;
  /** Whether it may run twice without harm, so that a lost call is tried again elsewhere. Default false. */
  readonly idempotent?: boolean;
  /**
   * What a caller's token must grant. Only neighbours can show one yet: a call that came over a relay is refused.
   * Default: everybody on the network may call it.
   */
  readonly permission?: string;
}

/** Who called. */
export interface Caller {
  readonly peerId: string;
  /** How many links the call came over: 0 from this peer itself, 1 from a neighbour. */
  readonly hops: number;
}

/** What a tool gets besides its arguments. */
export interface ToolContext {
  /** Aborts when the caller gives up, its deadline passes, or it can no longer be reached. */
  readonly signal: AbortSignal;
  readonly caller: Caller;
  readonly context: ExecutionContext;
  /** Tells the caller how far it is. Never fails; nobody may be listening. */
  progress(value: unknown): void;
}

export type ToolHandler<Args = unknown, Result = unknown> = (
  args: Args,
  context: ToolContext,
) => Result | PromiseLike<Result>;

/** Checks what TypeScript cannot. @throws ValidationError */
export function assertDefinition(definition: ToolDefinition): void {
  const { name, requires = [], concurrency = 1, permission } = definition;
  assertName(name, "the tool's name");
  if (permission !== undefined) assertName(permission, `the permission of ${name}`);
  if (!areNames(requires, MAX_CAPABILITIES)) {
    throw invalid(`requires of ${name}`, `a list of at most ${MAX_CAPABILITIES} names`);
  }
  if (!(concurrency >= 1)) throw invalid(`concurrency of ${name}`, "1 or more");
}

/** @throws ValidationError if the peer lacks a capability that the tool needs. */
export function assertCapable(
  { name, requires = [] }: ToolDefinition,
  capabilities: readonly string[],
): void {
  const missing = requires.filter((capability) => !capabilities.includes(capability));
  if (missing.length === 0) return;
  throw new ValidationError(`${name} needs what this peer does not have: ${missing.join(", ")}`);
}
