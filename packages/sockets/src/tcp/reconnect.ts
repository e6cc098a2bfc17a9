import {
  type Backoff,
  type Clock,
  type ErrorCode,
  exponential,
  type NetworkError,
  type RetryEvent,
  type Rng,
  retry,
  systemClock,
  systemRng,
  toNetworkError,
  ValidationError,
} from "@net/core";
import { atLeast } from "../validate.ts";
import type { TCPClientOptions } from "./client-options.ts";

/** A connection that was lost, or could not be made. */
export interface ConnectionFailure {
  /** Failed attempts in a row; 1 after the first. */
  readonly attempt: number;
  readonly error: NetworkError;
  /** What the client would do by itself. */
  readonly retry: boolean;
}

export interface ReconnectOptions {
  /** The first delay is drawn from 0 to this, in ms, and doubles from there. Default 1000. */
  readonly min?: number | undefined;
  /** No delay is longer, in ms. Default 30,000. */
  readonly max?: number | undefined;
  /** The delays start from `min` again only after a connection lasted this long, in ms. Default 5000. */
  readonly resetAfter?: number | undefined;
  /** Decides in place of the client whether to try again. */
  readonly shouldRetry?: ((failure: ConnectionFailure) => boolean) | undefined;
}

export interface ReconnectSettings {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly onRetry: (event: RetryEvent) => void;
}

/** Troubles of a network that once worked: no name server, a peer that was restarted in the middle of a message. */
const passing: ReadonlySet<string> = new Set<ErrorCode>([
  "CLOSED",
  "NAME_NOT_FOUND",
  "TLS_FAILED",
  "PROTOCOL_ERROR",
  "CONNECTION_FAILED",
]);

/** Opens connections until one stays: waits between attempts, longer each time. */
export class Reconnector {
  readonly #settings: ReconnectSettings;
  readonly #backoff: Backoff;
  readonly #resetAfter: number;
  readonly #shouldRetry: (failure: ConnectionFailure) => boolean;
  #failures = 0;
  #openedMs: number | undefined;

  /** @throws ValidationError naming the option that is out of range. */
  constructor(options: ReconnectOptions, settings: ReconnectSettings) {
    const min = atLeast(0, "reconnect.min", options.min ?? 1_000);
    const max = atLeast(min, "reconnect.max", options.max ?? 30_000);
    this.#settings = settings;
    this.#backoff = exponential({ initial: min, max });
    this.#resetAfter = atLeast(0, "reconnect.resetAfter", options.resetAfter ?? 5_000);
    this.#shouldRetry = options.shouldRetry ?? (({ retry }) => retry);
  }

  /**
   * Opens a connection.
   *
   * @param lost why the connection before has ended, if there was one: the first delay comes before the first attempt
   * then, since a server that accepts and hangs up would be asked without a pause otherwise.
   * @throws the last error, when trying makes no more sense; AbortedError.
   */
  async open<T>(
    dial: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
    lost?: NetworkError,
  ): Promise<T> {
    const { clock, rng, onRetry } = this.#settings;
    this.#startCounting();
    const opened = await retry(
      (attempt) => {
        if (lost && attempt.number === 1) throw lost;
        return dial(attempt.signal);
      },
      {
        retries: Number.POSITIVE_INFINITY,
        backoff: (_, source) => this.#backoff(this.#failures, source),
        classify: (error) => (this.#goesOn(toNetworkError(error)) ? "retry" : "fail"),
        onRetry: (event) => onRetry({ ...event, attempt: this.#failures }),
        signal,
        clock,
        rng,
      },
    );
    this.#openedMs = clock.monotonicMs();
    return opened;
  }

  /** A connection that died young does not start the count anew. */
  #startCounting(): void {
    const openMs = this.#settings.clock.monotonicMs() - (this.#openedMs ?? 0);
    if (this.#openedMs !== undefined && openMs >= this.#resetAfter) this.#failures = 0;
  }

  #goesOn(error: NetworkError): boolean {
    this.#failures++;
    const again = error.retryable || (this.#openedMs !== undefined && passing.has(error.code));
    return this.#shouldRetry({ attempt: this.#failures, error, retry: again });
  }
}

/** Of a client; undefined where it is not to reconnect. @throws ValidationError */
export function reconnectorOf(
  { reconnect = false, allowHalfOpen, clock = systemClock, rng = systemRng }: TCPClientOptions,
  onRetry: (event: RetryEvent) => void,
): Reconnector | undefined {
  if (reconnect === false) return undefined;
  if (allowHalfOpen) {
    throw new ValidationError("reconnect and allowHalfOpen exclude each other: choose one");
  }
  return new Reconnector(reconnect === true ? {} : reconnect, { clock, rng, onRetry });
}
