import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { isRecord, NetworkError, ValidationError } from "@net/core";
import { lets, parseRules, type Rules } from "./rules.ts";

/**
 * Where requests may go. `any`: anywhere. `public`: to addresses of the public internet only. Or: only what `allow`
 * lists, default `["public"]`, and nothing that `deny` lists. Entries are names, `*.name`, addresses, networks and
 * `public`; a name that is allowed may lie at any address that is not denied.
 */
export type NetworkOption =
  | "any"
  | "public"
  | {
      readonly allow?: readonly string[] | undefined;
      readonly deny?: readonly string[] | undefined;
    };

/** A request may not go there: the client's `network` option says so. Nothing was sent. Code `ADDRESS_BLOCKED`. */
export class BlockedAddressError extends NetworkError {
  static override readonly kind: string = "BlockedAddressError";

  constructor(host: string, why: string) {
    super("ADDRESS_BLOCKED", `requests to ${host} are blocked: ${why}`, {
      details: { host, sent: false },
    });
  }
}

/** An address of a name. */
export interface Address {
  readonly address: string;
  readonly family: number;
}

/**
 * Decides where requests may go. Names are resolved here, and only addresses that were checked are connected to: what a
 * name resolves to a moment later does not count.
 */
export class Guard {
  readonly #allow: Rules;
  readonly #deny: Rules;
  readonly #lookup: LookupFunction;

  /** @throws ValidationError on an entry that is none. */
  constructor(option: Exclude<NetworkOption, "any">, lookup: LookupFunction = systemLookup) {
    const { allow = ["public"], deny = [] } = checkedOption(option);
    this.#allow = parseRules(allow);
    this.#deny = parseRules(deny);
    this.#lookup = lookup;
  }

  /**
   * Checks what can be checked without asking anybody: an address, or a name that is denied.
   *
   * @throws BlockedAddressError
   */
  checkHost(hostname: string): void {
    const name = nameOf(hostname);
    const family = isIP(hostname);
    if (family !== 0) {
      if (!this.#isAllowed(hostname, family, false)) throw blockedAddress(hostname, hostname);
    } else if (this.#deny.hasName(name)) {
      throw new BlockedAddressError(hostname, "the name is denied");
    }
  }

  /** As `dns.lookup`, but gives allowed addresses only; where there is none, it fails with {@link BlockedAddressError}. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.#lookup(hostname, { ...options, all: true }, (error, found, family) => {
      if (error) {
        callback(error, []);
        return;
      }
      this.#answer(hostname, options.all === true, addressesOf(found, family), callback);
    });
  };

  /** The allowed addresses of a name. @throws BlockedAddressError if there is none. */
  async resolve(hostname: string): Promise<readonly Address[]> {
    return await new Promise((resolve, reject) => {
      this.lookup(hostname, { all: true }, (error, found) => {
        if (error) reject(error);
        else resolve(found as unknown as Address[]);
      });
    });
  }

  #answer(
    hostname: string,
    all: boolean,
    found: readonly Address[],
    callback: Parameters<LookupFunction>[2],
  ): void {
    const isTrusted = this.#allow.hasName(nameOf(hostname));
    const allowed = found.filter(({ address, family }) =>
      this.#isAllowed(address, family, isTrusted),
    );
    const [first] = allowed;
    if (!first) callback(blockedAddress(hostname, found[0]?.address ?? "no address"), []);
    else if (all) callback(null, allowed as never);
    else callback(null, first.address, first.family);
  }

  #isAllowed(address: string, family: number, isTrusted: boolean): boolean {
    // Without its zone: fe80::1%eth0.
    const [plain = address] = address.split("%");
    const mapped = family === 6 ? mappedIPv4(plain) : undefined;
    if (mapped !== undefined) return this.#isAllowed(mapped, 4, isTrusted);
    const kind = family === 4 ? 4 : 6;
    if (
      this.#deny.hasAddress(plain, kind) ||
      (this.#deny.hasPublic && lets(this.#deny, plain, kind))
    )
      return false;
    return isTrusted || lets(this.#allow, plain, kind);
  }
}

/** The IPv4 address that an IPv6 socket calls `::ffff:…` (RFC 4291 §2.5.5.2), however it is written. */
function mappedIPv4(address: string): string | undefined {
  const text = URL.parse(`http://[${address}]/`)?.hostname ?? "";
  const [, high, low] = /^\[::ffff:([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(text) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join(".");
}

/** `Example.com.` is `example.com`. */
function nameOf(hostname: string): string {
  return hostname.toLowerCase().replace(/\.+$/, "");
}

/** A caller's own look-up may give one address, though it is asked for all. */
function addressesOf(found: unknown, family: number | undefined): readonly Address[] {
  if (Array.isArray(found)) return found as readonly Address[];
  return typeof found === "string" ? [{ address: found, family: family ?? isIP(found) }] : [];
}

function checkedOption(option: Exclude<NetworkOption, "any">): Exclude<NetworkOption, string> {
  if (option === "public") return {};
  const isRules = isRecord(option) && [option.allow ?? [], option.deny ?? []].every(Array.isArray);
  if (isRules) return option;
  throw new ValidationError('network must be "any", "public", or { allow, deny } with lists');
}

function blockedAddress(host: string, address: string): BlockedAddressError {
  const what = host === address ? "the address is" : `it resolves to ${address}, which is`;
  return new BlockedAddressError(host, `${what} not among those allowed`);
}
