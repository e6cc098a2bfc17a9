import { type Clock, type Logger, silentLogger, systemClock, ValidationError } from "@net/core";
import { MAX_PASSWORD_LENGTH } from "./accounts/passwords.ts";
import type { Rate } from "./limits/rate-limiter.ts";

/** How often things may happen; what is beyond is refused with `RATE_LIMITED`. */
export interface ServerLimits {
  /** Logins under one name from one address. Default: 10 at once, 10 a minute. */
  readonly login: Rate;
  /** Sign-ups from one address. Default: 10 at once, 2 a minute. */
  readonly signup: Rate;
  /** Logins and WebSocket connections from one address. Default: 100 at once, 120 a minute. */
  readonly address: Rate;
  /** Requests of one user who is logged in. Default: 200 at once, 1200 a minute. */
  readonly user: Rate;
}

export interface ServerOptions {
  /** The path of the SQLite file, which is made if there is none; or `:memory:`, which dies with the server. */
  readonly database: string;
  /** The address to listen at. Default `127.0.0.1`: only this machine. */
  readonly host?: string | undefined;
  /** Default 8000; 0 takes a free one. */
  readonly port?: number | undefined;
  /** The shortest password that may be signed up with, in characters: 8 to 128, default 12. */
  readonly minPasswordLength?: number | undefined;
  /**
   * Adds alice, bob (who is friends with both others) and charlie to a new database, each with the password
   * `password123` and an agent named `assistant`: for demos. Refused unless `host` is this machine's loopback.
   * Default false.
   */
  readonly testUsers?: boolean | undefined;
  readonly limits?: Partial<ServerLimits> | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** The options with every default filled in. */
export interface ServerSettings {
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly minPasswordLength: number;
  readonly testUsers: boolean;
  readonly limits: ServerLimits;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The port of the specification. */
const DEFAULT_PORT = 8000;
/** NIST SP 800-63B §5.1.1.2 asks for 8 at least; without a second factor we ask for more. */
const DEFAULT_MIN_PASSWORD_LENGTH = 12;
const LOWEST_MIN_PASSWORD_LENGTH = 8;

const defaultLimits: ServerLimits = {
  login: { burst: 10, perMinute: 10 },
  signup: { burst: 10, perMinute: 2 },
  address: { burst: 100, perMinute: 120 },
  user: { burst: 200, perMinute: 1200 },
};

const loopback = /^(localhost|::1|127(\.\d{1,3}){3})$/;

/** True if only this machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return loopback.test(host);
}

/** @throws ValidationError if an option is out of range, or test users would be reachable from other machines. */
export function settle(options: ServerOptions): ServerSettings {
  const settings: ServerSettings = {
    database: options.database,
    host: options.host ?? "127.0.0.1",
    port: options.port ?? DEFAULT_PORT,
    minPasswordLength: options.minPasswordLength ?? DEFAULT_MIN_PASSWORD_LENGTH,
    testUsers: options.testUsers ?? false,
    limits: { ...defaultLimits, ...options.limits },
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
  };
  check(settings);
  return settings;
}

function check({ database, host, port, minPasswordLength, testUsers }: ServerSettings): void {
  if (!database) throw new ValidationError("database must be the path of a file, or :memory:");
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new ValidationError(`port must be a whole number from 0 to 65535, not ${port}`);
  }
  const inRange =
    minPasswordLength >= LOWEST_MIN_PASSWORD_LENGTH && minPasswordLength <= MAX_PASSWORD_LENGTH;
  if (!inRange) {
    throw new ValidationError(
      `minPasswordLength must be ${LOWEST_MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH}, not ${minPasswordLength}`,
    );
  }
  if (testUsers && !isLoopback(host)) {
    throw new ValidationError(
      `testUsers have a published password: they need a loopback host such as 127.0.0.1, not ${host}`,
    );
  }
}
