import { isIP } from "node:net";
import { ValidationError } from "@net/core";
import { type Lookup, literalAddress, resolveHost } from "../tcp/lookup.ts";
import { formatIP, parseIP } from "./ip.ts";

/** A host to scan. */
export interface Target {
  /** As it was given, or an address out of a range. */
  readonly host: string;
  readonly address: string;
}

/** A range of this many addresses, a /16, takes a day with a thousand ports each: more is most likely a mistake. */
export const DEFAULT_MAX_HOSTS: number = 65_536;

const hostName = /^[\w.-]{1,253}$/;

export interface TargetOptions {
  readonly maxHosts: number;
  readonly lookup: Lookup | undefined;
}

/**
 * The hosts that are meant: names, addresses, and ranges as `10.0.0.0/24` or `fd00::/120`, each address once. A name
 * stands for its first address.
 *
 * @throws ValidationError naming what is none of these, or when there are too many.
 * @throws ConnectionError (`resolve`) when a name does not resolve.
 */
export async function resolveTargets(
  specs: Iterable<string>,
  { maxHosts, lookup }: TargetOptions,
): Promise<readonly Target[]> {
  const targets = new Map<string, Target>();
  for (const spec of specs) {
    for (const target of await targetsOf(spec.trim(), maxHosts, lookup)) {
      if (!targets.has(target.address)) targets.set(target.address, target);
    }
    if (targets.size > maxHosts) throw tooMany("the targets", targets.size, maxHosts);
  }
  if (targets.size === 0) throw new ValidationError("there is no host to scan: name at least one");
  return [...targets.values()];
}

async function targetsOf(
  spec: string,
  maxHosts: number,
  lookup: Lookup | undefined,
): Promise<readonly Target[]> {
  if (spec.includes("/")) return rangeOf(spec, maxHosts);
  if (literalAddress(spec) || isIP(spec)) return [{ host: spec, address: spec }];
  if (!hostName.test(spec) || /^[\d.]+$/.test(spec)) throw notATarget(spec);
  const [first] = await resolveHost(spec, lookup);
  if (!first) throw new ValidationError(`${spec} has no address`);
  return [{ host: spec, address: first.address }];
}

/** All addresses of a CIDR range (RFC 4632 §3.1), its first and last included, as some networks use them. */
function rangeOf(spec: string, maxHosts: number): readonly Target[] {
  const [address = "", prefix = ""] = spec.split("/", 2);
  const parsed = parseIP(address);
  const length = Number(prefix);
  if (!parsed || !/^\d{1,3}$/.test(prefix) || length > parsed.bits || spec.split("/").length > 2) {
    throw notATarget(spec);
  }
  const size = 1n << BigInt(parsed.bits - length);
  if (size > BigInt(maxHosts)) throw tooMany(spec, size, maxHosts);
  const first = parsed.value & ~(size - 1n);
  return Array.from({ length: Number(size) }, (_, i) => {
    const each = formatIP({ value: first + BigInt(i), bits: parsed.bits });
    return { host: each, address: each };
  });
}

function tooMany(what: string, count: number | bigint, maxHosts: number): ValidationError {
  return new ValidationError(
    `${what} has ${count} addresses, over the limit of ${maxHosts}: take a smaller range, or raise maxHosts`,
  );
}

function notATarget(spec: string): ValidationError {
  return new ValidationError(
    `"${spec}" is no target: it may be a host name, an IPv4 or IPv6 address, or a range like 10.0.0.0/24`,
  );
}
