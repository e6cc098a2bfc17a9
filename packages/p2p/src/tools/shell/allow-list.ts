import { PermissionError } from "@net/core";
import { invalid } from "../../names.ts";
import { splitWords } from "./words.ts";

/** `["git", "status"]`, or the same as `"git status"`. */
export type AllowedCommand = string | readonly string[];

/** The programs that may be run, each with the arguments it must begin with. */
export class AllowList {
  readonly #commands: readonly (readonly string[])[];

  /** @throws ValidationError if it allows nothing. */
  constructor(allow: readonly AllowedCommand[]) {
    if (!Array.isArray(allow) || allow.length === 0) {
      throw invalid("allow", "a list of programs, each with the arguments it must begin with");
    }
    this.#commands = allow.map((entry: AllowedCommand) => {
      const words = typeof entry === "string" ? splitWords(entry) : [...entry];
      if (!words[0]) throw invalid("allow", "without an empty entry");
      return words;
    });
  }

  /** For people and models. */
  toString(): string {
    return this.#commands.map((words) => words.join(" ")).join(", ");
  }

  /** @throws PermissionError */
  assertAllowed(argv: readonly string[]): void {
    if (this.#commands.some((words) => words.every((word, at) => word === argv[at]))) return;
    throw new PermissionError(`${argv[0]} with these arguments is not allowed; what is: ${this}`);
  }
}
