import { BlockList, isIP } from "node:net";
import { ValidationError } from "@net/core";
import { isPublic } from "./special-addresses.ts";

/** Hosts and addresses, taken apart. */
export interface Rules {
  /** `public` was among them. */
  readonly hasPublic: boolean;
  hasName(name: string): boolean;
  hasAddress(address: string, family: 4 | 6): boolean;
}

const nameGrammar = /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const cidr = /^(.+)\/(\d{1,3})$/;

/**
 * Reads a list of names (`api.example.com`), all names below one (`*.example.com`), addresses, networks (`10.0.0.0/8`)
 * and `public`.
 *
 * @throws ValidationError on an entry that is none of these.
 */
export function parseRules(entries: readonly string[]): Rules {
  const names = new Set<string>();
  const networks = new BlockList();
  for (const entry of entries) {
    const text = entry.toLowerCase();
    if (text === "public" || addNetwork(networks, text)) continue;
    if (!nameGrammar.test(text)) throw badEntry(entry);
    names.add(text);
  }
  return {
    hasPublic: entries.some((entry) => entry.toLowerCase() === "public"),
    hasName: (name) => names.has(name) || parents(name).some((parent) => names.has(`*.${parent}`)),
    hasAddress: (address, family) => networks.check(address, family === 4 ? "ipv4" : "ipv6"),
  };
}

/** Whether an address is one that these let through. */
export function lets(rules: Rules, address: string, family: 4 | 6): boolean {
  return rules.hasAddress(address, family) || (rules.hasPublic && isPublic(address, family));
}

function addNetwork(networks: BlockList, entry: string): boolean {
  const [, base = entry, bits] = cidr.exec(entry) ?? [];
  const family = isIP(base);
  if (family === 0) return false;
  const most = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (prefix > most) throw badEntry(entry);
  networks.addSubnet(base, prefix, family === 4 ? "ipv4" : "ipv6");
  return true;
}

function parents(name: string): readonly string[] {
  const labels = name.split(".");
  return labels.slice(1).map((_, index) => labels.slice(index + 1).join("."));
}

function badEntry(entry: string): ValidationError {
  return new ValidationError(
    `network: ${JSON.stringify(entry)} is no name, *.name, address, network or "public"`,
  );
}
