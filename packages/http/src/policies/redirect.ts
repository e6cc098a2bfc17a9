import { isUtf8 } from "node:buffer";
import { ProtocolError, ValidationError } from "@net/core";
import type { Call } from "../call/call.ts";
import { type Target, targetOf } from "../request/target.ts";
import { withoutQuery } from "../request/url.ts";
import { type Answer, discard } from "../wire/answer.ts";
import type { Send } from "../wire/send.ts";
import type { Sender } from "./send.ts";

export interface RedirectOptions {
  /** How many are followed; one more is an error. Default 5. */
  readonly max?: number | undefined;
  /** Headers that also follow to another origin, besides those that say nothing about who asks. Default none. */
  readonly keepHeaders?: readonly string[] | undefined;
  /** Follow from https to http. Default false. */
  readonly allowDowngrade?: boolean | undefined;
}

export interface RedirectSettings {
  readonly max: number;
  readonly isKept: (name: string) => boolean;
  readonly allowDowngrade: boolean;
  /** False: a redirect is an answer like any other. */
  readonly isFollowed: boolean;
}

/** What goes to another origin: nothing that says who asks. Whatever is not known to be harmless stays. */
const harmless: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "content-encoding",
  "content-language",
  "content-length",
  "content-type",
  "range",
  "user-agent",
]);

/** @throws ValidationError naming the option that is out of range. */
export function redirectSettings(
  options: false | RedirectOptions | undefined,
  base?: RedirectSettings,
): RedirectSettings {
  if (options === false) return { ...(base ?? redirectSettings({})), isFollowed: false };
  const { max = base?.max ?? 5, keepHeaders, allowDowngrade } = options ?? {};
  if (!Number.isInteger(max) || max < 0) {
    throw new ValidationError(`redirect.max must be a whole number, not ${max}`);
  }
  const kept = new Set(keepHeaders?.map((name) => name.toLowerCase()));
  return {
    max,
    isKept: keepHeaders
      ? (name) => harmless.has(name) || kept.has(name)
      : (base?.isKept ?? isHarmless),
    allowDowngrade: allowDowngrade ?? base?.allowDowngrade ?? false,
    isFollowed: true,
  };
}

/** True for a header that may go to an origin that it was not meant for. */
export function isHarmless(name: string): boolean {
  return harmless.has(name);
}

/** Hears of a redirect before it is followed. */
export type OnRedirect = (call: Call, from: Send, to: Send, status: number) => void;

/** Follows redirects (RFC 9110 §15.4), each hop like a request of its own. */
export function redirecting(next: Sender, onRedirect?: OnRedirect): Sender {
  return async (call, first) => {
    const { redirect } = call.settings;
    let send = first;
    for (let hops = 0; ; hops++) {
      call.location = send.target;
      const answer = await next(call, send);
      if (!isRedirect(answer.status) || !redirect.isFollowed) return answer;
      const following = followed(send, answer, redirect);
      if (!following) return answer;
      discard(answer);
      if (hops >= redirect.max) throw tooMany(call, redirect.max, following);
      onRedirect?.(call, send, following, answer.status);
      send = following;
    }
  };
}

function isRedirect(status: number): boolean {
  return status >= 301 && status <= 308 && (status <= 303 || status >= 307);
}

/** The next request; undefined if the answer says no place, or the body cannot be sent again. */
function followed(send: Send, answer: Answer, settings: RedirectSettings): Send | undefined {
  const location = locationOf(send, answer);
  if (location === undefined) return undefined;
  const target = checkedTarget(send, location, settings);
  const isGet = becomesGet(send.method, answer.status);
  if (!isGet && send.body?.isReplayable === false) return undefined;
  const stays = (name: string): boolean =>
    (target.origin === send.target.origin || settings.isKept(name)) &&
    !(isGet && name.startsWith("content-"));
  return {
    method: isGet ? "GET" : send.method,
    target,
    headers: send.headers.filter(stays),
    body: isGet ? undefined : send.body,
  };
}

/** 303 means "look there"; 301 and 302 of a POST have meant it since browsers began (RFC 9110 §15.4.2, §15.4.3). */
function becomesGet(method: string, status: number): boolean {
  if (status === 303) return method !== "HEAD" && method !== "GET";
  return (status === 301 || status === 302) && method === "POST";
}

function checkedTarget(send: Send, location: string, { allowDowngrade }: RedirectSettings): Target {
  const { href, origin } = send.target;
  const url = URL.parse(asText(location), href);
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (!url || !isHttp) throw refused(send, "leads to no http or https URL");
  if (url.username || url.password) throw refused(send, "carries a user or a password");
  if (origin.startsWith("https:") && url.protocol === "http:" && !allowDowngrade) {
    throw refused(send, "leads from https to http");
  }
  url.hash = "";
  return targetOf(url, send.target.isInside && url.origin === origin);
}

/** @throws ProtocolError if there are several, of which none is more right than the others. */
function locationOf(send: Send, { headers }: Answer): string | undefined {
  const { location } = headers;
  if (typeof location === "string" || location === undefined) return location;
  const [first, ...others] = new Set(location);
  if (others.length > 0) throw refused(send, "leads to several places");
  return first;
}

/** Many a server writes it in UTF-8, which came as bytes, and browsers read it so; what is no UTF-8 stays as it is. */
function asText(location: string): string {
  if (!/^[\t -\u00ff]*$/.test(location)) return location;
  const bytes = Buffer.from(location, "latin1");
  return isUtf8(bytes) ? bytes.toString() : location;
}

function refused({ method, target }: Send, why: string): ProtocolError {
  return new ProtocolError(`the redirect of ${method} ${withoutQuery(target.href)} ${why}`);
}

function tooMany(call: Call, max: number, { target }: Send): ProtocolError {
  return new ProtocolError(
    `${call.what} was redirected more than ${max} times, at last to ${withoutQuery(target.href)}`,
  );
}
