import {
  dereference,
  type Schema as LibrarySchema,
  type OutputUnit,
  validate,
} from "@cfworker/json-schema";
import { isRecord, type ValidationIssue } from "@net/core";
import { dialectOf } from "./dialect.ts";
import { toIssues } from "./issues.ts";
import { type JsonSchema, type JsonSchemaCheck, unusable } from "./json-schema.ts";
import { jsonView } from "./json-view.ts";

/** How often references are followed for a value, and for each part of it: a small schema can ask for 2^n visits. */
const MAX_REFERENCES = 10_000;
const MAX_REFERENCES_PER_NODE = 16;
/** A larger value is told its first fault only: each fault costs more memory than the value that has it. */
const MAX_NODES_TO_TELL_ALL = 1_024;
/** The longest array whose items are compared with one another, which takes its length squared. */
const MAX_UNIQUE_ITEMS = 2_048;
/** Keywords that the library takes no notice of, or that escape the limit above: worse than an error. */
const unsupported = ["$dynamicRef", "$recursiveRef", "$recursiveAnchor"] as const;

type Lookup = Record<string, LibrarySchema | boolean>;

/**
 * Makes a check of a schema. Nothing is ever fetched: a `$ref` must lead to somewhere in the schema itself.
 *
 * @param schema within the limits of {@link copyJsonSchema}.
 * @throws ValidationError if it cannot be used.
 */
export function compileJsonSchema(schema: JsonSchema, what: string): JsonSchemaCheck {
  const draft = dialectOf(schema, what);
  const own = structuredClone(schema) as LibrarySchema;
  const lookup = resolve(own, what);
  return (value) =>
    check(value, (shown, nodes, untilFirst) => {
      const limited = counting(lookup, MAX_REFERENCES + nodes * MAX_REFERENCES_PER_NODE);
      return validate(shown, own, draft, limited, untilFirst).errors;
    });
}

function check(
  value: unknown,
  faultsOf: (shown: unknown, nodes: number, untilFirst: boolean) => readonly OutputUnit[],
): readonly ValidationIssue[] {
  const view = jsonView(value);
  if ("issue" in view) return [view.issue];
  try {
    const { value: shown, nodes } = view;
    const faults = faultsOf(shown, nodes, true);
    if (faults.length === 0) return [];
    const canTellAll = nodes <= MAX_NODES_TO_TELL_ALL;
    return toIssues(canTellAll ? faultsOf(shown, nodes, false) : faults, shown);
  } catch (error) {
    const why = error instanceof TooCostly ? "it asks for too much" : String(error);
    return [{ message: `cannot be checked: ${why}` }];
  }
}

function resolve(schema: LibrarySchema, what: string): Lookup {
  let lookup: Lookup;
  try {
    lookup = dereference(schema);
  } catch (error) {
    throw unusable(what, String(error));
  }
  for (const part of Object.values(lookup)) if (isRecord(part)) prepare(part, lookup, what);
  return lookup;
}

function prepare(part: LibrarySchema, lookup: Lookup, what: string): void {
  const keyword = unsupported.find((name) => Object.hasOwn(part, name));
  if (keyword) throw unusable(what, `${keyword} is not supported`);
  const { __absolute_ref__: target } = part;
  if (target !== undefined && lookup[target] === undefined) {
    throw unusable(what, `its $ref leads out of it (nothing is fetched): ${part.$ref}`);
  }
  assertPatterns(part, what);
  // It is none of JSON Schema's formats, and the library checks it in exponential time.
  if (part.format === "url") delete part.format;
  if (part.uniqueItems === true) {
    part.maxItems = Math.min(part.maxItems ?? MAX_UNIQUE_ITEMS, MAX_UNIQUE_ITEMS);
  }
}

function assertPatterns({ pattern, patternProperties }: LibrarySchema, what: string): void {
  const patterns = [...(pattern === undefined ? [] : [pattern]), ...keysOf(patternProperties)];
  for (const text of patterns) {
    try {
      new RegExp(text, "u");
    } catch {
      throw unusable(what, "a pattern of it is no regular expression");
    }
  }
}

function keysOf(value: unknown): readonly string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

/** Every recursion leads through a reference, so counting those bounds the work, whatever the schema. */
function counting(lookup: Lookup, limit: number): Lookup {
  let left = limit;
  return new Proxy(lookup, {
    get(target, key) {
      left -= 1;
      if (left < 0) throw new TooCostly();
      return typeof key === "string" ? target[key] : undefined;
    },
  });
}

class TooCostly extends Error {}
