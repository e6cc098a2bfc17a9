import { isRecord } from "@net/core";
import { invalid } from "../names.ts";

/**
 * What a tool does to the world, for people and models that choose among tools: MCP's annotations. They are hints of
 * whoever offers the tool, and nothing that happens depends on them.
 */
export interface ToolAnnotations {
  /** As `ToolDefinition.title`, where that is not set. */
  readonly title?: string;
  /** It changes nothing. */
  readonly readOnlyHint?: boolean;
  /** It may destroy something, instead of only adding. */
  readonly destructiveHint?: boolean;
  /** Calling it again with the same arguments changes nothing more. Set for a tool that is `idempotent`. */
  readonly idempotentHint?: boolean;
  /** It deals with an open world, such as the web, instead of a closed one, such as a memory. */
  readonly openWorldHint?: boolean;
}

/** The longest title, in UTF-16 units. */
export const MAX_TITLE_LENGTH = 256;
const hints = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;

/** The known annotations among what was given. @throws ValidationError naming `what` */
export function readAnnotations(value: unknown, what: string): ToolAnnotations {
  if (!isRecord(value)) throw invalid(what, "an object");
  const { title } = value;
  if (title !== undefined) assertText(title, MAX_TITLE_LENGTH, `the title in ${what}`);
  const known = hints.filter((hint) => value[hint] !== undefined);
  for (const hint of known) {
    if (typeof value[hint] !== "boolean") throw invalid(`${hint} in ${what}`, "true or false");
  }
  return {
    ...(title !== undefined && { title: title as string }),
    ...Object.fromEntries(known.map((hint) => [hint, value[hint] as boolean])),
  };
}

/** @throws ValidationError */
export function assertText(value: unknown, maxLength: number, what: string): string {
  if (typeof value === "string" && value.length <= maxLength && value.isWellFormed()) return value;
  throw invalid(what, `a text of at most ${maxLength} characters`);
}
