import type { ValidationIssue } from "@net/core";

/** How many faults of one value are told. */
const MAX_ISSUES = 16;
const MAX_MESSAGE_LENGTH = 256;

/** One fault as the validator tells it. */
interface Fault {
  readonly keyword: string;
  /** Where in the schema. */
  readonly keywordLocation: string;
  /** Where in the value: a JSON Pointer as a URI fragment (RFC 6901, section 6). */
  readonly instanceLocation: string;
  readonly error: string;
}

/** Keywords whose fault only says that there is another one further in. */
const wrappers: ReadonlySet<string> = new Set([
  ...["properties", "patternProperties", "additionalProperties", "unevaluatedProperties"],
  ...["items", "prefixItems", "additionalItems", "unevaluatedItems"],
  ...["$ref", "allOf", "if", "propertyNames", "dependentSchemas", "dependencies"],
]);
/** Keywords whose own fault says more than those of the alternatives that were tried. */
const choices: ReadonlySet<string> = new Set(["anyOf", "oneOf", "not", "contains"]);

/** What is wrong with a value, without the faults that only repeat others. */
export function toIssues(faults: readonly Fault[], value: unknown): ValidationIssue[] {
  const chosen = faults.filter(({ keyword }) => choices.has(keyword));
  const telling = faults.filter(
    (fault) => !wrappers.has(fault.keyword) && !chosen.some((choice) => isWithin(fault, choice)),
  );
  const told = telling.length > 0 ? telling : faults;
  return told.slice(0, MAX_ISSUES).map((fault) => toIssue(fault, value));
}

function isWithin(fault: Fault, choice: Fault): boolean {
  return fault !== choice && fault.keywordLocation.startsWith(`${choice.keywordLocation}/`);
}

function toIssue({ keyword, error, instanceLocation }: Fault, value: unknown): ValidationIssue {
  const path = toPath(instanceLocation, value);
  if (keyword === "false") return { message: "is not allowed here", path };
  const message =
    error.length > MAX_MESSAGE_LENGTH ? `${error.slice(0, MAX_MESSAGE_LENGTH)}…` : error;
  return { message, path };
}

function toPath(pointer: string, root: unknown): (string | number)[] {
  const path: (string | number)[] = [];
  let current: unknown = root;
  for (const step of pointer.split("/").slice(1)) {
    const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(current) ? Number(key) : key);
    current = (current as Readonly<Record<string, unknown>> | undefined)?.[key];
  }
  return path;
}
