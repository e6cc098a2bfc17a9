import { invalid } from "../../names.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { splitWords } from "./words.ts";

/** What a caller asks for: a line, split into words as a shell would, or the words themselves. */
export interface ShellCommand {
  readonly command?: string;
  readonly program?: string;
  readonly args?: readonly string[];
}

/** Enough for people and models, and far below what an operating system takes. */
const MAX_LENGTH = 32_768;
const MAX_ARGS = 512;

export const commandSchema: JsonSchema = {
  type: "object",
  properties: {
    command: {
      ...{ type: "string", maxLength: MAX_LENGTH },
      description:
        "A program and its arguments in one line, quoted as for a shell; no shell runs it.",
    },
    program: { type: "string", maxLength: MAX_LENGTH, description: "Instead of command." },
    args: { type: "array", items: { type: "string", maxLength: MAX_LENGTH }, maxItems: MAX_ARGS },
  },
  additionalProperties: false,
};

/** The program and its arguments. @throws ValidationError */
export function argvOf({
  command,
  program,
  args = [],
}: ShellCommand): readonly [string, ...string[]] {
  if ((command === undefined) === (program === undefined)) {
    throw invalid("the arguments", "either a command or a program");
  }
  const words = command === undefined ? [program ?? "", ...args] : splitWords(command);
  const [first, ...rest] = words;
  if (!first) throw invalid(command === undefined ? "program" : "command", "the name of a program");
  if (words.some((word) => word.includes("\0"))) throw invalid("the arguments", "without NUL");
  return [first, ...rest];
}
