import { ValidationError } from "../errors/kinds.ts";

/** The error for an option or argument; the value itself, which may be a secret, is not repeated. */
export function invalid(what: string, rule: string): ValidationError {
  const issue = { message: `must be ${rule}`, path: [what] };
  return new ValidationError(`${what} ${issue.message}`, { issues: [issue] });
}
