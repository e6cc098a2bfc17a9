import type { Docs } from "../model/schema.ts";
import { plainLine } from "./text.ts";

/** Longer texts are cut: they are chapters, not comments. */
const MAX_LINES = 60;

/** A doc comment for what a document says, line by line; none if it says nothing. */
export function commentOf(docs: Docs): readonly string[] {
  const lines = trimmed([...linesOf(docs.text ?? ""), ...tagsOf(docs)]);
  const [only = ""] = lines;
  if (lines.length === 0) return [];
  if (lines.length === 1) return [`/** ${only} */`];
  return ["/**", ...lines.map((line) => (line ? ` * ${line}` : " *")), " */"];
}

/**
 * A text for a comment: nothing in it ends the comment, begins a tag, or is an instruction to a compiler or
 * linter, which are read in comments too.
 */
function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r\n|[\n\r\u2028\u2029\u0085]/).map(commentLine);
  return lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), "…"] : lines;
}

function commentLine(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const text = plainLine(line).replace(/^([*/\s]*)@/, "$1\\@");
  return text && indent.slice(0, 8) + text.replace(/^biome-|^(es|ox)lint-/, "\\$&");
}

function tagsOf({ format, default: value, deprecated }: Docs): readonly string[] {
  const tags = [
    format !== undefined && format !== "binary" && `Format: ${plainLine(format)}.`,
    value !== undefined && `@default ${plainLine(value)}`,
    deprecated && "@deprecated",
  ].filter((tag) => typeof tag === "string");
  return tags.length > 0 ? ["", ...tags] : [];
}

/** Without empty lines at the ends, or more than one in between. */
function trimmed(lines: readonly string[]): readonly string[] {
  const kept = lines.filter((line, index) => line !== "" || lines[index - 1] !== "");
  return kept.slice(kept[0] === "" ? 1 : 0, kept.at(-1) === "" ? -1 : undefined);
}
