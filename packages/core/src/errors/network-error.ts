import { isRecord, type JsonObject } from "../json.ts";
import { type ErrorCode, isRetryableCode } from "./codes.ts";
import { redact, redactDetails } from "./redact.ts";

/** Marks the errors of every installed copy of this package; holds the names of the error's classes. */
const brand: unique symbol = Symbol.for("@net/core/NetworkError") as never;

export interface NetworkErrorOptions {
  /** The failure underneath. */
  readonly cause?: unknown;
  /** Whether trying again unchanged makes sense. Default: by code. */
  readonly retryable?: boolean;
  /** Facts for programs: addresses, limits, names. No secrets. */
  readonly details?: JsonObject;
}

/** What {@link NetworkError.toJSON} gives, and what goes over the wire. */
export interface SerializedError {
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly details?: JsonObject;
  readonly cause?: SerializedCause;
}

/** The cause of a serialized error: a name, a code and a message, whatever class it had. */
export interface SerializedCause {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

/**
 * The root of every error that `@net` packages throw. Match on {@link NetworkError.code}; messages are for
 * people and may change. Credentials are taken out of the message, see `redact`.
 *
 * `instanceof` and {@link NetworkError.is} also recognise errors of a second installed copy of this package.
 *
 * @example
 * ```ts
 * try {
 *   await transport.dial(address, { signal });
 * } catch (error) {
 *   if (NetworkError.is(error, "CONNECTION_REFUSED")) startServer();
 *   else throw error;
 * }
 * ```
 */
export class NetworkError extends Error {
  /** The class's name on the wire and across copies. Subclasses set their own. */
  static readonly kind: string = "NetworkError";

  readonly code: ErrorCode;
  /** Whether trying again unchanged makes sense. */
  readonly retryable: boolean;
  /** Facts for programs: addresses, limits, names. */
  readonly details: JsonObject;

  constructor(code: ErrorCode, message: string, options: NetworkErrorOptions = {}) {
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? isRetryableCode(code);
    this.details = redactDetails(options.details ?? {});
    const kinds = kindsOf(new.target);
    Object.defineProperty(this, brand, { value: kinds });
    Object.defineProperty(this, "name", { value: kinds[0], configurable: true });
  }

  /**
   * True for an error of this class, or of one below it, from any installed copy of this package; with
   * `code`, only if the error has that code.
   */
  static is<T extends NetworkError, Code extends ErrorCode = ErrorCode>(
    this: { readonly kind: string; readonly prototype: T },
    value: unknown,
    code?: Code,
  ): value is T & { readonly code: Code } {
    if (!isRecord(value)) return false;
    const kinds = (value as { [brand]?: unknown })[brand];
    if (!Array.isArray(kinds) || !kinds.includes(this.kind)) return false;
    return code === undefined || value.code === code;
  }

  /** How often it was tried before this was the outcome, where that was counted. */
  get attempts(): number | undefined {
    const { attempts } = this.details;
    return typeof attempts === "number" ? attempts : undefined;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return this.is(value);
  }

  /** A plain object for logs and the wire: no stack, no class instances, no secrets. */
  toJSON(): SerializedError {
    const cause = serializeCause(this.cause);
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(Object.keys(this.details).length > 0 && { details: this.details }),
      ...(cause && { cause }),
    };
  }
}

/** The class's own kind first, `NetworkError` last. */
function kindsOf(leaf: typeof NetworkError): readonly string[] {
  const kinds: string[] = [];
  let current = leaf;
  while (current.kind) {
    if (!kinds.includes(current.kind)) kinds.push(current.kind);
    current = Object.getPrototypeOf(current) as typeof NetworkError;
  }
  return kinds;
}

function serializeCause(cause: unknown): SerializedCause | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code } = cause as { code?: unknown };
  return {
    name: cause.name,
    message: redact(cause.message),
    ...(typeof code === "string" && { code }),
  };
}
