import { assertOptions, callable, type Rules, readElsewhere, text } from "@net/core/options";
import { defaultAddress } from "../../default-transport.ts";
import { invalid } from "../../names.ts";

/** What peers listen at unless told otherwise. */
const DEFAULT_PORT = 8080;
/** A /20: minutes, and no more than one's own network. */
const DEFAULT_MAX_HOSTS = 4_096;

export interface RangeOptions {
  /** Names, addresses, and ranges as `10.0.0.0/24`. */
  readonly targets: string | readonly string[];
  /** Where peers listen, as `scan` of `@net/sockets` takes it. Default 8080. */
  readonly ports?: number | string | readonly (number | string)[];
  /** Attempts under way at the same time. Default 64. */
  readonly concurrency?: number;
  /** Attempts that begin per second. Default 1000. */
  readonly rate?: number;
  /** More addresses are refused. Default 4096. */
  readonly maxHosts?: number;
  /** What to dial where a port is open. Default `ws://host:port`. */
  readonly addressOf?: (host: string, port: number) => string;
}

/** The options with their defaults. */
export interface RangeSettings {
  readonly targets: readonly string[];
  readonly ports: readonly (number | string)[];
  readonly concurrency: number;
  readonly rate: number;
  readonly maxHosts: number;
  readonly addressOf: (host: string, port: number) => string;
}

/** The rest the scan checks. */
const rules: Rules<RangeOptions> = {
  ...{ targets: readElsewhere, ports: readElsewhere, concurrency: readElsewhere },
  ...{ rate: readElsewhere, maxHosts: readElsewhere, addressOf: callable },
};

/** What is no range or port, the scan says. @throws ValidationError if there is no target. */
export function readRangeOptions(
  options: string | readonly string[] | RangeOptions | undefined,
): RangeSettings | undefined {
  if (options === undefined) return undefined;
  const given: RangeOptions = isTargets(options) ? { targets: options } : options;
  assertOptions(given, rules, "range");
  const targets = [given.targets].flat();
  if (targets.length === 0 || !targets.every(text.accepts))
    throw invalid("range", "one address range or more, like 10.0.0.0/24");
  return {
    targets,
    ports: [given.ports ?? DEFAULT_PORT].flat(),
    concurrency: given.concurrency ?? 64,
    rate: given.rate ?? 1_000,
    maxHosts: given.maxHosts ?? DEFAULT_MAX_HOSTS,
    addressOf: given.addressOf ?? defaultAddress,
  };
}

function isTargets(
  options: string | readonly string[] | RangeOptions,
): options is string | readonly string[] {
  return typeof options === "string" || Array.isArray(options);
}
