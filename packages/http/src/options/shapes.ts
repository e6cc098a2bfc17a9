import { isRecord, ValidationError } from "@net/core";
import type { HTTPClientOptions } from "./client-options.ts";

/**
 * What types say, for those who have none: options of the wrong kind are refused where they are given.
 *
 * @throws ValidationError naming the first that is.
 */
export function checkShapes(options: HTTPClientOptions): void {
  checkOptions(options);
  const { auth, ca, cookies, hooks, lookup, retry } = options;
  expect(auth === undefined || hasMethods(auth, "credentials"), "auth", "bearer(…) or the like");
  expect(lookup === undefined || typeof lookup === "function", "lookup", "a function");
  expect(
    ca === undefined || typeof ca === "string" || Array.isArray(ca),
    "ca",
    "PEM, or a list of it",
  );
  expect(
    typeof (cookies ?? false) === "boolean" || hasMethods(cookies, "getCookieString", "setCookie"),
    "cookies",
    "true, false or a jar",
  );
  expect(
    [hooks ?? []].flat().every(isRecord),
    "hooks",
    "an object of functions, or a list of them",
  );
  checkRetry(retry);
}

/** @throws ValidationError unless they are an object. */
export function checkOptions(options: unknown): void {
  expect(isRecord(options), "options", "an object");
}

/** @throws ValidationError if its lists are none. */
export function checkRetry(retry: unknown): void {
  const { methods = [], statuses = [] } = isRecord(retry) ? retry : {};
  expect(Array.isArray(methods), "retry.methods", "a list of methods");
  expect(Array.isArray(statuses), "retry.statuses", "a list of numbers");
}

function hasMethods(value: unknown, ...names: string[]): boolean {
  return isRecord(value) && names.every((name) => typeof value[name] === "function");
}

function expect(isRight: boolean, name: string, what: string): void {
  if (!isRight) throw new ValidationError(`${name} must be ${what}`);
}
