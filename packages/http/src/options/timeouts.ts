import { isRecord, ValidationError } from "@net/core";

/** How long each part of a call may take, in ms; Infinity for no limit. */
export interface CallTimeouts {
  /**
   * The whole call with all its tries, waits and redirects. Default 30,000. Of a stream only the part until its first
   * byte, unless it is given with the call: a stream may go on for hours.
   */
  readonly total?: number | undefined;
  /** One try, until the last byte of its answer; of a stream until its head. Default Infinity. */
  readonly attempt?: number | undefined;
  /** One try until its answer's head has come. Default Infinity. */
  readonly firstByte?: number | undefined;
  /** Between two pieces of an answer's body. Default Infinity; of streams 60,000. */
  readonly idle?: number | undefined;
}

/** The same for all calls of a client, and for making a connection. */
export interface ClientTimeouts extends CallTimeouts {
  /** The name look-up, TCP and TLS together. Default 10,000. Not of a single call: connections are shared. */
  readonly connect?: number | undefined;
}

/** Every limit, filled in. */
export interface Timeouts {
  readonly total: number;
  /** `total` was given with the call. */
  readonly isTotalOwn: boolean;
  readonly attempt: number;
  readonly firstByte: number;
  readonly idle: number;
  readonly streamIdle: number;
  readonly connect: number;
}

const defaults: Timeouts = {
  total: 30_000,
  isTotalOwn: false,
  attempt: Number.POSITIVE_INFINITY,
  firstByte: Number.POSITIVE_INFINITY,
  idle: Number.POSITIVE_INFINITY,
  streamIdle: 60_000,
  connect: 10_000,
};

const names = ["total", "attempt", "firstByte", "idle", "connect"] as const;

/** @throws ValidationError naming the time-out that is not more than 0. */
export function clientTimeouts(timeout: number | ClientTimeouts | undefined): Timeouts {
  return timeout === undefined ? defaults : merged(defaults, timeout);
}

/** @throws ValidationError naming the time-out that is not more than 0, or that is not a call's. */
export function callTimeouts(client: Timeouts, timeout: number | CallTimeouts): Timeouts {
  if (isRecord(timeout) && timeout.connect !== undefined) {
    throw new ValidationError("timeout.connect is the client's, since calls share connections");
  }
  const own = !isRecord(timeout) || timeout.total !== undefined;
  return { ...merged(client, timeout), isTotalOwn: own };
}

function merged(base: Timeouts, timeout: number | ClientTimeouts): Timeouts {
  if (!isRecord(timeout)) return { ...base, total: checked("timeout", timeout) };
  const given = names.filter((name) => timeout[name] !== undefined);
  const own = given.map((name) => [name, checked(`timeout.${name}`, timeout[name])]);
  const { idle } = timeout;
  return { ...base, ...Object.fromEntries(own), ...(idle !== undefined && { streamIdle: idle }) };
}

function checked(name: string, ms: unknown): number {
  if (typeof ms === "number" && ms > 0) return ms;
  throw new ValidationError(
    `${name} must be more than 0 ms (Infinity for no limit), not ${String(ms)}`,
  );
}
