import { type Clock, systemClock, ValidationError } from "@net/core";
import {
  aborting,
  assertOptions,
  callable,
  clock,
  flag,
  type Rules,
  readElsewhere,
} from "@net/core/options";
import type { Lookup } from "../tcp/lookup.ts";
import { positiveInteger, positiveTime, wholeNumber } from "../validate.ts";
import type { ScanProgress } from "./result.ts";
import { DEFAULT_MAX_HOSTS } from "./targets.ts";

export interface ScanOptions {
  /** Attempts under way at the same time; fewer while this machine runs out of file handles or ports. Default 256. */
  readonly concurrency?: number | undefined;
  /** Attempts that begin per second. Default no limit. */
  readonly rate?: number | undefined;
  /**
   * How long to wait for an answer, in ms. `adaptive`, the default, learns it from the round trips of each host (RFC
   * 6298), between 100 ms and 1 s.
   */
  readonly timeout?: number | "adaptive" | undefined;
  /**
   * How often a port that gave no answer is asked again, each time with twice the time its host needs (100 ms at least).
   * Default 1 if adaptive, else 0.
   */
  readonly retries?: number | undefined;
  /** Whether to read what open ports say, and their TLS certificate. Default false: nothing is sent or read. */
  readonly banner?: boolean | undefined;
  /** How long reading a banner may take, in ms. Default 2000. */
  readonly bannerTimeout?: number | undefined;
  /** More targets are refused. Default 65,536. */
  readonly maxHosts?: number | undefined;
  /**
   * Threads that share the work; 0 uses the caller's. `auto`, the default, takes one for each processor, at most 4, for
   * 10,000 attempts and more, unless `rate` or `clock` is given; and the caller's where threads cannot start.
   */
  readonly workers?: number | "auto" | undefined;
  /** Called now and then, and at the end. */
  readonly onProgress?: ((progress: ScanProgress) => void) | undefined;
  /** Ends the scan; the iteration rejects with `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
  /** Finds the addresses of a host name. Default: the system's way. */
  readonly lookup?: Lookup | undefined;
  /** Not used by workers. */
  readonly clock?: Clock | undefined;
}

/** What an engine needs to know, every default in place; it can be sent to a worker. */
export interface ScanSettings {
  readonly concurrency: number;
  readonly rate: number;
  readonly timeout: number | "adaptive";
  readonly retries: number;
  readonly banner: boolean;
  readonly bannerTimeout: number;
}

const DEFAULT_CONCURRENCY = 256;
const DEFAULT_BANNER_TIMEOUT = 2_000;
const MAX_WORKERS = 64;
/** Half a second's work for one thread; starting some takes a tenth of that. */
const MIN_ATTEMPTS = 10_000;
/** By then the kernel is what takes the time. */
const MAX_AUTO_WORKERS = 4;

const rules: Rules<ScanOptions> = {
  ...{ concurrency: readElsewhere, rate: readElsewhere, timeout: readElsewhere },
  ...{ retries: readElsewhere, banner: flag, bannerTimeout: readElsewhere },
  ...{ maxHosts: readElsewhere, workers: readElsewhere, onProgress: callable },
  ...{ signal: aborting, lookup: callable, clock },
};

/** @throws ValidationError naming the option that does not exist, or is not what it must be. */
export function settingsOf(options: ScanOptions): ScanSettings {
  assertOptions(options, rules, "scan", (name) => name);
  const { timeout = "adaptive", rate = Number.POSITIVE_INFINITY } = options;
  if (timeout !== "adaptive") positiveTime("timeout", timeout);
  if (!(typeof rate === "number" && rate > 0))
    throw new ValidationError(`rate must be more than 0 per second, not ${rate}`);
  return {
    concurrency: positiveInteger("concurrency", options.concurrency ?? DEFAULT_CONCURRENCY),
    rate,
    timeout,
    retries: wholeNumber("retries", options.retries ?? (timeout === "adaptive" ? 1 : 0)),
    banner: options.banner ?? false,
    bannerTimeout: positiveTime("bannerTimeout", options.bannerTimeout ?? DEFAULT_BANNER_TIMEOUT),
  };
}

/** @throws ValidationError */
export function maxHostsOf({ maxHosts = DEFAULT_MAX_HOSTS }: ScanOptions): number {
  return positiveInteger("maxHosts", maxHosts);
}

/** @throws ValidationError */
export function workersOf({ workers = "auto" }: ScanOptions): number | "auto" {
  if (workers === "auto" || wholeNumber("workers", workers) <= MAX_WORKERS) return workers;
  throw new ValidationError(`workers must be "auto" or at most ${MAX_WORKERS}, not ${workers}`);
}

/** How many threads are best for so many attempts, on so many processors. */
export function autoWorkers(
  { rate, clock }: ScanOptions,
  attempts: number,
  processors: number,
): number {
  const isFree = rate === undefined && clock === undefined;
  const isWorthIt = isFree && processors > 1 && attempts >= MIN_ATTEMPTS;
  return isWorthIt ? Math.min(MAX_AUTO_WORKERS, processors) : 0;
}

export function clockOf({ clock = systemClock }: ScanOptions): Clock {
  return clock;
}
