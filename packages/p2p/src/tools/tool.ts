import { isRecord, ValidationError } from "@net/core";
import { assertOptions, flag, type Rules, readElsewhere } from "@net/core/options";
import { areNames, assertName, invalid, MAX_CAPABILITIES } from "../names.ts";
import type { ExecutionContext } from "../wire/calls.ts";
import {
  assertText,
  MAX_TITLE_LENGTH,
  readAnnotations,
  type ToolAnnotations,
} from "./annotations.ts";
import type { ToolSchema } from "./schema/tool-schema.ts";

/** How many calls of one tool run at the same time unless it says otherwise. */
export const DEFAULT_TOOL_CONCURRENCY = 64;
/** The longest description of a tool, in UTF-16 units. */
export const MAX_DESCRIPTION_LENGTH = 8_192;

/** What a tool is called, takes, gives and needs. */
export interface ToolDefinition<Args = unknown> {
  /** At most 128 characters. */
  readonly name: string;
  /** For people; at most 256 characters. */
  readonly title?: string;
  /** For people, and for models that choose among tools; at most 8192 characters. */
  readonly description?: string;
  /** Of the tool, for people and programs that compare; at most 128 characters. */
  readonly version?: string;
  /** What its arguments must be: any Standard Schema (Zod, Valibot, ArkType, …) or JSON Schema. Default: anything. */
  readonly inputSchema?: ToolSchema<Args>;
  /** What its result must be; one that does not fit is a failure of the tool. Default: anything. */
  readonly outputSchema?: ToolSchema;
  /** MCP's hints for those who choose among tools. */
  readonly annotations?: ToolAnnotations;
  /** Capabilities that the peer must have to run it. */
  readonly requires?: readonly string[];
  /** The most calls at the same time; more wait in the queue. Default 64. */
  readonly concurrency?: number;
  /**
   * The most calls that wait, first come, first served; one more is `OVERLOADED` at once, as is one whose deadline would
   * pass before its turn. Default 4 × `concurrency`, at most 1024; 0: none waits.
   */
  readonly queue?: number;
  /** Whether it may run twice without harm, so that a lost call is tried again elsewhere. Default false. */
  readonly idempotent?: boolean;
  /** What a caller must have been granted. Default: everybody on the network may call it. */
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
  /**
   * Aborts when the caller gives up, its deadline passes, or it can no longer be reached. Made when it is first read: name it where
   * you pass the context on, a copy by `...` has none.
   */
  readonly signal: AbortSignal;
  readonly caller: Caller;
  readonly context: ExecutionContext;
  /** Tells the caller how far it is. Never fails; nobody may be listening. */
  progress(value: unknown): void;
}

/**
 * Runs a tool. What it returns is the result; if that is an `AsyncIterable` (it is an async generator function, say),
 * then the values it yields are the call's stream, each as soon as the caller has room for it, and what it returns in
 * the end is the result. When the caller gives up, the generator's `return` is called.
 */
export type ToolHandler<Args = unknown, Result = unknown> = (
  args: Args,
  context: ToolContext,
) => Result | PromiseLike<Result>;

const rules: Rules<ToolDefinition> = {
  ...{ name: readElsewhere, title: readElsewhere, description: readElsewhere },
  ...{ version: readElsewhere, inputSchema: readElsewhere, outputSchema: readElsewhere },
  ...{ annotations: readElsewhere, requires: readElsewhere, concurrency: readElsewhere },
  ...{ queue: readElsewhere, idempotent: flag, permission: readElsewhere },
};

/** Checks what TypeScript cannot; the schemas are checked where they are compiled. @throws ValidationError */
export function assertDefinition(definition: ToolDefinition): void {
  if (!isRecord(definition))
    throw invalid("a tool's definition", 'an object, as { name: "greet" }');
  const name = assertName(definition.name, "the tool's name");
  assertOptions(definition, rules, `the tool ${name}`, (option) => `${option} of ${name}`);
  const { title = "", description = "", annotations = {}, requires = [] } = definition;
  assertText(title, MAX_TITLE_LENGTH, `the title of ${name}`);
  assertText(description, MAX_DESCRIPTION_LENGTH, `the description of ${name}`);
  readAnnotations(annotations, `the annotations of ${name}`);
  if (!areNames(requires, MAX_CAPABILITIES)) {
    throw invalid(`requires of ${name}`, `a list of at most ${MAX_CAPABILITIES} names`);
  }
  assertLimits(definition);
}

function assertLimits({
  name,
  version,
  permission,
  concurrency = 1,
  queue = 0,
}: ToolDefinition): void {
  if (version !== undefined) assertName(version, `the version of ${name}`);
  if (permission !== undefined) assertName(permission, `the permission of ${name}`);
  if (!(concurrency >= 1)) throw invalid(`concurrency of ${name}`, "1 or more");
  if (!(queue >= 0)) throw invalid(`queue of ${name}`, "0 or more");
}

/** @throws ValidationError if the definition is wrong, or the peer lacks a capability that the tool needs. */
export function assertCapable(definition: ToolDefinition, capabilities: readonly string[]): void {
  assertDefinition(definition);
  const { name, requires = [] } = definition;
  const missing = requires.filter((capability) => !capabilities.includes(capability));
  if (missing.length === 0) return;
  throw new ValidationError(`${name} needs what this peer does not have: ${missing.join(", ")}`);
}
