import { AbortedError, type NetworkError, NetworkTimeoutError } from "@net/core";
import type { Target } from "../request/target.ts";
import { withoutQuery } from "../request/url.ts";
import type { DeadlineEntry, Deadlines, Expiring } from "./deadlines.ts";
import type { CallSettings } from "./settings.ts";

/** Something under way for a call, which ends with it. */
export interface Activity {
  fail(error: NetworkError): void;
}

export interface CallOptions {
  readonly method: string;
  readonly target: Target;
  readonly settings: CallSettings;
  readonly signal: AbortSignal | undefined;
  readonly deadlines: Deadlines;
  /** Calls that are under way; it is in it until it ends. */
  readonly running: Set<Call>;
  /** The call that this one is a fork of. */
  readonly parent?: Call | undefined;
}

/**
 * One call of the client, from its start to its end: its deadline, the caller's signal, and what is under way for it.
 * Signals cost microseconds, so there is one only where somebody waits for it.
 */
export class Call implements Activity, Expiring, Disposable {
  readonly method: string;
  /** Where it began. */
  readonly target: Target;
  /** Where it is now: redirects lead elsewhere. */
  location: Target;
  readonly settings: CallSettings;
  readonly #signal: AbortSignal | undefined;
  readonly #running: Set<Call>;
  readonly #deadlines: Deadlines;
  readonly #parent: Call | undefined;
  #attempts = 0;
  #deadline: DeadlineEntry | undefined;
  #failure: NetworkError | undefined;
  #activity: Activity | undefined;
  #others: Set<Activity> | undefined;
  #controller: AbortController | undefined;
  #isGiven = false;

  constructor(options: CallOptions) {
    const { method, target, settings, signal, deadlines, running } = options;
    this.method = method;
    this.target = target;
    this.location = target;
    this.settings = settings;
    this.#signal = signal;
    this.#running = running;
    this.#deadlines = deadlines;
    this.#parent = options.parent;
    running.add(this);
    const { total } = settings.timeouts;
    if (total !== Number.POSITIVE_INFINITY) this.#deadline = deadlines.add(this, total);
    if (signal?.aborted) this.handleEvent();
    else signal?.addEventListener("abort", this, { once: true });
  }

  /** Requests sent, or tried to, so far; those of its forks among them. */
  get attempts(): number {
    return this.#parent ? this.#parent.attempts : this.#attempts;
  }

  /** A request goes out. */
  countAttempt(): void {
    if (this.#parent) this.#parent.countAttempt();
    else this.#attempts++;
  }

  /** Why it ended before its answer came, if it did. */
  get failure(): NetworkError | undefined {
    return this.#failure;
  }

  /** Aborts when the call ends before its time, with the reason as it will be thrown. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#failure) this.#controller.abort(this.#failure);
    }
    return this.#controller.signal;
  }

  /** For messages: what is called, without what may be private. */
  get what(): string {
    return `${this.method} ${withoutQuery(this.target.href)}`;
  }

  /** Time left until the deadline. */
  remainingMs(nowMs: number): number {
    return this.#deadline ? this.#deadline.dueMs - nowMs : Number.POSITIVE_INFINITY;
  }

  /** Ends with the call; at once, if that is over. */
  attach(activity: Activity): void {
    if (this.#failure) activity.fail(this.#failure);
    else if (!this.#activity) this.#activity = activity;
    else {
      this.#others ??= new Set();
      this.#others.add(activity);
    }
  }

  detach(activity: Activity): void {
    if (this.#activity === activity) this.#activity = undefined;
    else this.#others?.delete(activity);
    if (this.#isGiven) this.#disposeIfIdle();
  }

  /** Its answer was given to the caller, body and all: it is over when that is. */
  give(): void {
    this.#isGiven = true;
    this.#disposeIfIdle();
  }

  /** One of several that race for the same answer: it ends with this call, and can be ended alone. */
  fork(): Call {
    const { method, target, settings } = this;
    const own = { deadlines: this.#deadlines, signal: undefined, running: new Set<Call>() };
    const fork = new Call({ method, target, settings, ...own, parent: this });
    fork.withoutDeadline();
    this.attach(fork);
    return fork;
  }

  /** A fork is over. */
  join(fork: Call): void {
    this.detach(fork);
    fork[Symbol.dispose]();
  }

  /** Ends it, with everything under way. */
  fail(error: NetworkError): void {
    if (this.#failure) return;
    this.#failure = error;
    this[Symbol.dispose]();
    this.#controller?.abort(error);
    this.#activity?.fail(error);
    for (const activity of this.#others ?? []) activity.fail(error);
  }

  /** The deadline has come. */
  expire(): void {
    const { total } = this.settings.timeouts;
    const message = `cannot ${this.what}: no answer within ${total} ms`;
    this.fail(new NetworkTimeoutError(message, { kind: "deadline", timeoutMs: total }));
  }

  /** The caller's signal aborted. */
  handleEvent(): void {
    this.fail(new AbortedError(undefined, { cause: this.#signal?.reason }));
  }

  /** What follows may take any time: the answer's head is there, and its body is a stream. */
  withoutDeadline(): void {
    this.#deadline?.queue.remove(this.#deadline);
    this.#deadline = undefined;
  }

  /** It is over: nothing of it stays in a queue or on a signal. */
  [Symbol.dispose](): void {
    this.#running.delete(this);
    this.withoutDeadline();
    this.#signal?.removeEventListener("abort", this);
  }

  #disposeIfIdle(): void {
    if (!this.#activity && !this.#others?.size) this[Symbol.dispose]();
  }
}
