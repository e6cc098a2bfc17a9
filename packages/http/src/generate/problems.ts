import { ValidationError, type ValidationIssue } from "@net/core";
import { describePlace, type Place } from "./resolve/place.ts";

/** More are counted, not told: whoever has a hundred to mend has enough for now. */
const MAX_TOLD = 100;

/** What is wrong with the documents, collected, so that one run tells all of it. */
export class Problems {
  readonly #issues = new Map<string, ValidationIssue>();
  #untold = 0;

  /** How many there are. */
  get count(): number {
    return this.#issues.size + this.#untold;
  }

  /** Notes that the value at a place is not what it must be. The same is noted once. */
  at(place: Place, message: string): void {
    this.#add({ message: `${describePlace(place)}: ${message}`, path: [...place.path] });
  }

  /** @throws ValidationError with one issue per problem, if there is any. */
  throwIfAny(): void {
    if (this.count === 0) return;
    throw documentError([...this.#issues.values()], this.#untold);
  }

  #add(issue: ValidationIssue): void {
    if (this.#issues.has(issue.message)) return;
    if (this.#issues.size < MAX_TOLD) this.#issues.set(issue.message, issue);
    else this.#untold++;
  }
}

/** The error of documents that cannot be used. */
export function documentError(issues: readonly ValidationIssue[], untold = 0): ValidationError {
  const lines = issues.map(({ message }) => message);
  if (untold > 0) lines.push(`and ${untold} more`);
  const [only] = lines;
  const message =
    lines.length === 1 && only !== undefined
      ? only
      : `the OpenAPI document has ${issues.length + untold} problems:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  return new ValidationError(message, { issues });
}
