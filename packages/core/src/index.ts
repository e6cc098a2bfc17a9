/**
 * `@net/core`: the contracts every `@net` package speaks. This root and `@net/core/options` run in browsers; what needs
 * Node is in `@net/core/framing`, `/identity`, `/diagnostics` and `/testing`.
 *
 * @module
 */

// The contract everything meets at, and the smallest thing that meets it

export { acceptLink } from "./link/accept-link.ts";
export { BaseLink, type BaseLinkOptions } from "./link/base-link.ts";
export { cutCloseMessage } from "./link/close-message.ts";
export { type SaidCloseCode, saidCloseCodes } from "./link/close-reason.ts";
export {
  type Acceptor,
  type CloseCode,
  type CloseOptions,
  type CloseReason,
  type CloseRequest,
  DEFAULT_CLOSE_TIMEOUT,
  DEFAULT_HIGH_WATER_MARK,
  DEFAULT_MAX_FRAME_BYTES,
  type Dialer,
  type DialOptions,
  type Link,
  type LinkSecurity,
  type Listener,
  type ListenOptions,
  OVERLOAD_FACTOR,
  type Transport,
} from "./link/transport.ts";
export type { MemoryFaults } from "./memory/faults.ts";
export {
  type MemoryTransport,
  type MemoryTransportOptions,
  memoryTransport,
} from "./memory/transport.ts";

// Addresses, and listening at them

export {
  formatHostPort,
  type HostPort,
  type HostPortOptions,
  parseHostPort,
} from "./address/host-port.ts";
export { isIPv6, withoutMapping } from "./address/ip.ts";
export {
  type ListeningServer,
  type StartListeningOptions,
  startListening,
} from "./address/start-listening.ts";

// Errors

export { type ErrorCode, isErrorCode } from "./errors/codes.ts";
export { toNetworkError } from "./errors/convert.ts";
export {
  AbortedError,
  AuthenticationError,
  CircuitOpenError,
  ClosedError,
  ConnectionError,
  type ConnectionErrorOptions,
  type ConnectionPhase,
  NetworkTimeoutError,
  type NetworkTimeoutErrorOptions,
  OverloadedError,
  PermissionError,
  ProtocolError,
  type ProtocolErrorOptions,
  RateLimitError,
  type RateLimitErrorOptions,
  RemoteError,
  type RemoteErrorOptions,
  type TimeoutKind,
  ValidationError,
  type ValidationErrorOptions,
  type ValidationIssue,
} from "./errors/kinds.ts";
export {
  NetworkError,
  NetworkError as NetworkingError,
  type NetworkErrorOptions,
  type SerializedCause,
  type SerializedError,
} from "./errors/network-error.ts";
export { redact } from "./errors/redact.ts";
export { reportUncaught } from "./errors/report.ts";
export { deserializeError } from "./errors/wire.ts";
export type { ErrorContext } from "./errors/with-context.ts";

// Trying again

export {
  type Backoff,
  type BackoffName,
  type BackoffOptions,
  type ExponentialOptions,
  exponential,
  fixed,
  linear,
} from "./retry/backoff.ts";
export {
  type Attempt,
  type RetryEvent,
  type RetryOptions,
  type RetryTokens,
  retry,
} from "./retry/retry.ts";
export { parseRetryAfterMs } from "./retry/retry-after.ts";
export { RetryPace, type RetryPaceOptions } from "./retry/retry-pace.ts";

// Sparing others: retries, rates, and what is broken

export {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitPermit,
  type CircuitState,
} from "./resilience/circuit-breaker.ts";
export { RetryBudget, type RetryBudgetOptions } from "./resilience/retry-budget.ts";
export { TokenBucket, type TokenBucketOptions } from "./resilience/token-bucket.ts";
export { TokenBuckets, type TokenBucketsOptions } from "./resilience/token-buckets.ts";

// Ending in time: signals, deadlines, waiting

export { AbortScope, type AbortScopeOptions } from "./abort/abort-scope.ts";
export { abortable, abortedError, onAbort, throwIfAborted } from "./abort/aborted.ts";
export { type Deadline, type DeadlineOptions, deadline } from "./abort/deadline.ts";
export { type LinkedSignal, linkSignals } from "./abort/linked-signal.ts";
export { type SleepOptions, sleep } from "./abort/sleep.ts";

// Silence: who is gone without a word

export { IdleTimer, type IdleTimerOptions } from "./liveness/idle-timer.ts";
export { Liveness, type LivenessOptions } from "./liveness/liveness.ts";

// Time and randomness, handed in

export { type Clock, systemClock, type Timer, type TimerOptions } from "./clock.ts";
export { type Rng, seededRng, systemRng } from "./random.ts";

// Collections of what comes and goes all the time

export { LinkedList, type ListEntry } from "./collections/linked-list.ts";
export { LruMap } from "./collections/lru-map.ts";
export { NumberMap } from "./collections/number-map.ts";

// Events and queues

export { AsyncQueue, type AsyncQueueOptions } from "./async-queue.ts";
export {
  Emitter,
  type EventMap,
  EventPublisher,
  type EventSource,
  type Listener as EventListener,
} from "./emitter.ts";

// Logging

export { type Logger, type LogMethod, silentLogger } from "./logger.ts";

// Data and its checks

export { isRecord, type JsonObject, type JsonValue } from "./json.ts";
export { assertAmount, assertPositive, assertRatio, isAmount, isRatio } from "./numbers.ts";
export { type Schema, validate, validateEagerly } from "./schema.ts";
