import { ValidationError } from "@net/core";
import type { Message } from "../socket/socket.ts";
import type { HeadersSource } from "./options.ts";

// Not left to types alone: what is wrong must not show only when there is a connection, or in a timer.

/** The value, if it is a number of `least` or more. @throws ValidationError naming the option. */
export function atLeast(least: number, name: string, value: number): number {
  if (typeof value === "number" && value >= least) return value;
  throw new ValidationError(`${name} must be ${least} or more, not ${value}`);
}

/** The function given, or the other one. @throws ValidationError naming the option. */
export function functionOr<T>(other: T, name: string, given: T | undefined): T {
  if (given === undefined || typeof given === "function") return given ?? other;
  throw new ValidationError(`${name} must be a function, not ${given}`);
}

/** @throws ValidationError if these are no headers, nor a function that makes them. */
export function headersSource(headers: HeadersSource | undefined): HeadersSource | undefined {
  // Only objects and functions are what `Object` makes of them.
  if (headers === undefined || Object(headers) === headers) return headers;
  throw new ValidationError(`headers must be an object or a function, not ${headers}`);
}

/** A token of RFC 9110 §5.6.2, as RFC 6455 §4.1 asks for. */
const token = /^[\w!#$%&'*+.^`|~-]+$/;

/** @throws ValidationError if one is no token, or stands twice (RFC 6455 §4.1). */
export function subprotocols(option: string | readonly string[]): readonly string[] {
  const protocols = typeof option === "string" ? [option] : [...option];
  const wrong = protocols.find((each, i) => !token.test(each) || protocols.indexOf(each) < i);
  if (wrong === undefined) return protocols;
  const why = token.test(wrong) ? "stands twice" : "is no token of RFC 9110";
  throw new ValidationError(`protocols: "${wrong}" ${why}`);
}

/** What is wrong with a message, if something is. */
export function mistakeIn(message: unknown): ValidationError | undefined {
  if (typeof message === "string" || message instanceof Uint8Array) return undefined;
  return new ValidationError(`a message is text or a Uint8Array, not ${typeof message}`);
}

/** @throws ValidationError if it is no message. */
export function messageOf(message: Message): Message {
  const mistake = mistakeIn(message);
  if (mistake) throw mistake;
  return message;
}
