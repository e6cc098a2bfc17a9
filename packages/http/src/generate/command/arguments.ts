import { parseArgs } from "node:util";
import { ValidationError } from "@net/core";

/** What the command line asks for. */
export type Command = { readonly kind: "help" } | GenerateCommand;

export interface GenerateCommand {
  readonly kind: "generate";
  /** A file's path, or an http(s) URL. */
  readonly source: string;
  /** The file to write; undefined for standard output. */
  readonly output: string | undefined;
  /** Writes nothing, and fails unless the file is as it would be written. */
  readonly check: boolean;
  readonly allowRemoteRefs: boolean;
  readonly refRoot: string | undefined;
}

export const USAGE = `Usage: npx @net/http generate <document> [-o <client.ts>]

Writes a typed client for an OpenAPI 3.0 or 3.1 document: a file, JSON or YAML, or an http(s) URL.

  -o, --output <file>    where to write; without it, to standard output
      --check            write nothing; exit with 1 unless the file is up to date
      --ref-root <dir>   where files that a $ref names may lie (the document's own folder)
      --allow-remote-refs  fetch documents that a $ref names over the network
  -h, --help             show this

Exit codes: 0 done, 1 the document or file is not as it must be, 2 the command line is not.
`;

const options = {
  output: { type: "string", short: "o" },
  check: { type: "boolean" },
  "ref-root": { type: "string" },
  "allow-remote-refs": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** @throws ValidationError that says which argument is wrong. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [verb, source, ...more] = positionals;
  if (values.help) return { kind: "help" };
  if (verb !== "generate") {
    throw new ValidationError(
      verb === undefined
        ? "the command is missing: generate"
        : `there is no command ${JSON.stringify(verb)}`,
    );
  }
  if (source === undefined) throw new ValidationError("generate needs a document");
  if (more.length > 0)
    throw new ValidationError(`generate takes one document, not ${more.length + 1}`);
  const { output, check = false } = values;
  if (check && output === undefined) throw new ValidationError("--check needs the file, with -o");
  return {
    kind: "generate",
    source,
    output,
    check,
    allowRemoteRefs: values["allow-remote-refs"] ?? false,
    refRoot: values["ref-root"],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    throw new ValidationError((cause as Error).message, { cause });
  }
}
