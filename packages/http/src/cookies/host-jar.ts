import type { Clock } from "@net/core";
import type { CookieJar } from "./jar.ts";

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly isSecure: boolean;
  readonly expiresMs: number;
}

/** More from one host push out the oldest (RFC 6265 §6.1 asks for 50). */
const MAX_PER_HOST = 100;
const MAX_HOSTS = 1_000;
const MAX_COOKIE_LENGTH = 4_096;
/** A cookie with control characters could not be sent again (RFC 6265bis §5.6), and would end every request. */
const sendable = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Cookies in memory, each for the host that set it and no other: a wider `Domain` would need the list of public
 * suffixes to be safe. RFC 6265 otherwise.
 */
export class HostCookieJar implements CookieJar {
  readonly #clock: Clock;
  readonly #hosts = new Map<string, Map<string, Cookie>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  getCookieString(url: string): string {
    const { hostname, pathname, protocol } = new URL(url);
    const cookies = this.#hosts.get(hostname);
    if (!cookies) return "";
    const nowMs = this.#clock.nowMs();
    return [...cookies.values()]
      .filter((cookie) => cookie.expiresMs > nowMs && isUnder(pathname, cookie.path))
      .filter(({ isSecure }) => !isSecure || protocol === "https:")
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  setCookie(setCookie: string, url: string): void {
    const { hostname, pathname, protocol } = new URL(url);
    const cookie = parseCookie(setCookie, pathname, this.#clock.nowMs());
    if (!cookie || (cookie.isSecure && protocol !== "https:")) return;
    const cookies = this.#cookiesOf(hostname);
    const key = `${cookie.path} ${cookie.name}`;
    // Whoever stands between a plain connection's ends does not replace what came over a secure one (RFC 6265bis §5.7).
    if (protocol !== "https:" && cookies.get(key)?.isSecure) return;
    cookies.delete(key);
    if (cookie.expiresMs <= this.#clock.nowMs()) return;
    cookies.set(key, cookie);
    dropOldest(cookies, MAX_PER_HOST);
  }

  #cookiesOf(hostname: string): Map<string, Cookie> {
    const cookies = this.#hosts.get(hostname) ?? new Map<string, Cookie>();
    this.#hosts.set(hostname, cookies);
    dropOldest(this.#hosts, MAX_HOSTS);
    return cookies;
  }
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}

function parseCookie(text: string, pathname: string, nowMs: number): Cookie | undefined {
  const [pair = "", ...rest] = text.split(";");
  const at = pair.indexOf("=");
  const name = pair.slice(0, at).trim();
  if (at <= 0 || name === "" || text.length > MAX_COOKIE_LENGTH) return undefined;
  if (!sendable.test(pair)) return undefined;
  const attributes = new Map(rest.map(attribute));
  const path = attributes.get("path") ?? "";
  if (!keepsPromise(name, path, attributes)) return undefined;
  return {
    name,
    value: pair.slice(at + 1).trim(),
    path: path.startsWith("/") ? path : directoryOf(pathname),
    isSecure: attributes.has("secure"),
    expiresMs: expiryOf(attributes, nowMs),
  };
}

/** The names that begin so say how the cookie was set, to whoever reads them (RFC 6265bis §4.1.3). */
function keepsPromise(
  name: string,
  path: string,
  attributes: ReadonlyMap<string, string>,
): boolean {
  const [, prefix = ""] = /^__(secure|host)-/i.exec(name) ?? [];
  if (prefix === "") return true;
  const isSecure = attributes.has("secure");
  if (prefix.toLowerCase() === "secure") return isSecure;
  return isSecure && path === "/" && !attributes.has("domain");
}

function attribute(text: string): [string, string] {
  const [name = "", ...value] = text.split("=");
  return [name.trim().toLowerCase(), value.join("=").trim()];
}

/** `Max-Age` goes before `Expires` (RFC 6265 §5.3). */
function expiryOf(attributes: ReadonlyMap<string, string>, nowMs: number): number {
  const maxAge = attributes.get("max-age");
  if (maxAge !== undefined && /^-?\d{1,12}$/.test(maxAge)) return nowMs + Number(maxAge) * 1000;
  const expires = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires;
}

function directoryOf(pathname: string): string {
  return pathname.slice(0, Math.max(1, pathname.lastIndexOf("/")));
}

function isUnder(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
}
