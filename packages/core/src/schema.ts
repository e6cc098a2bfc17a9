import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ValidationError, type ValidationIssue } from "./errors/kinds.ts";

/** Any schema of Zod, Valibot, ArkType or another library that follows https://standardschema.dev. */
export type Schema<Output = unknown> = StandardSchemaV1<unknown, Output>;

/**
 * The value as the schema gives it back (it may convert), or a `ValidationError` with one issue per fault.
 *
 * @param what names the input in the message, for instance "the arguments of search".
 */
export async function validate<Output>(
  schema: Schema<Output>,
  value: unknown,
  what: string,
): Promise<Output> {
  return await validateEagerly(schema, value, what);
}

/** As {@link validate}, but at once where the schema does not wait for anything: then it throws, too. */
export function validateEagerly<Output>(
  schema: Schema<Output>,
  value: unknown,
  what: string,
): Output | Promise<Output> {
  const result = schema["~standard"].validate(value);
  if (!("then" in result)) return accepted(result, what);
  return Promise.resolve(result).then((later) => accepted(later, what));
}

function accepted<Output>(result: StandardSchemaV1.Result<Output>, what: string): Output {
  if (!result.issues) return result.value;
  const issues = result.issues.map(toIssue);
  throw new ValidationError(`${what}: ${issues.map(describe).join("; ")}`, { issues });
}

function toIssue({ message, path }: StandardSchemaV1.Issue): ValidationIssue {
  return path ? { message, path: path.map(toStep) } : { message };
}

function toStep(step: PropertyKey | StandardSchemaV1.PathSegment): string | number {
  const key = typeof step === "object" ? step.key : step;
  return typeof key === "number" ? key : String(key);
}

function describe({ message, path }: ValidationIssue): string {
  return path && path.length > 0 ? `${path.join(".")}: ${message}` : message;
}
