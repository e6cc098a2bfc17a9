import { randomUUID } from "node:crypto";
import { type Clock, ValidationError } from "@net/core";
import type { RequestOptions } from "../options/call-options.ts";
import { callSettings } from "../options/settings.ts";
import { checkOptions } from "../options/shapes.ts";
import { isHarmless } from "../policies/redirect.ts";
import { type Body, encodeBody, type RequestData } from "../request/body.ts";
import { HeaderList, type RequestHeaders } from "../request/headers.ts";
import { type Target, Targets } from "../request/target.ts";
import { ACCEPT_ENCODING } from "../wire/content-coding.ts";
import type { Send } from "../wire/send.ts";
import { Call } from "./call.ts";
import { Deadlines } from "./deadlines.ts";
import type { CallSettings } from "./settings.ts";

/** What stands for us where a server asks who calls (RFC 9110 §10.1.5). */
const USER_AGENT = "net-http";

const methodGrammar = /^[A-Z][A-Z-]*$/;
const known: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]);

export interface PreparerOptions {
  readonly baseUrl: URL | undefined;
  readonly allowAbsoluteUrls: boolean;
  readonly headers: RequestHeaders | undefined;
  readonly settings: CallSettings;
  readonly clock: Clock;
}

/** A call that has begun, and its first request. */
export interface Prepared {
  readonly call: Call;
  readonly send: Send;
}

/** Makes calls of what callers ask for: checks it, fills in what the client says, starts its deadline. */
export class Preparer {
  /** Calls under way. */
  readonly running: Set<Call> = new Set();
  readonly #targets: Targets;
  readonly #headers: HeaderList;
  readonly #settings: CallSettings;
  readonly #allowAbsoluteUrls: boolean;
  readonly #clock: Clock;
  readonly #deadlines: Deadlines;

  /** @throws ValidationError on a header that cannot be one. */
  constructor({ baseUrl, headers, settings, allowAbsoluteUrls, clock }: PreparerOptions) {
    this.#targets = new Targets(baseUrl);
    this.#headers = HeaderList.empty
      .with({ "user-agent": USER_AGENT })
      .with(settings.decompress ? { "accept-encoding": ACCEPT_ENCODING } : undefined)
      .with(headers);
    this.#settings = settings;
    this.#allowAbsoluteUrls = allowAbsoluteUrls;
    this.#clock = clock;
    this.#deadlines = new Deadlines(clock);
  }

  /** @throws ValidationError on whatever of it cannot be sent. */
  prepare(
    method: string,
    url: string | URL,
    data: RequestData | undefined,
    options: RequestOptions,
    isStream: boolean,
  ): Prepared {
    checkOptions(options);
    const body = encodeBody(data ?? options.data, options);
    const mayLeave = options.allowAbsoluteUrls ?? this.#allowAbsoluteUrls;
    const target = this.#targets.resolve(url, options.query, mayLeave);
    const send: Send = {
      method: known.has(method) ? method : checkedMethod(method),
      target,
      headers: this.#headersOf(target, body, options),
      body,
    };
    const settings = callSettings(
      this.#settings,
      options,
      isStream,
      options.onUploadProgress && lengthOf(body),
      this.#clock,
    );
    return { call: this.#begin(send, settings, checkedSignal(options.signal)), send };
  }

  #begin({ method, target }: Send, settings: CallSettings, signal: AbortSignal | undefined): Call {
    const { running } = this;
    return new Call({ method, target, settings, signal, deadlines: this.#deadlines, running });
  }

  #headersOf(target: Target, body: Body | undefined, options: RequestOptions): HeaderList {
    let headers = target.isInside ? this.#headers : this.#headers.filter(isHarmless);
    if (options.decompress === false)
      headers = headers.filter((name) => name !== "accept-encoding");
    if (body?.type !== undefined && !headers.has("content-type")) {
      headers = headers.withOwn("content-type", body.type);
    }
    headers = headers.with(options.headers);
    if (options.idempotencyKey !== undefined) {
      const { idempotencyKey: key } = options;
      headers = headers.with({ "idempotency-key": checkedKey(key) });
    }
    return body?.length === undefined
      ? headers
      : headers.withOwn("content-length", String(body.length));
  }
}

function lengthOf(body: Body | undefined): number | undefined {
  if (!body || typeof body.content === "function") return body?.length;
  return Buffer.byteLength(body.content);
}

function checkedMethod(method: string): string {
  const upper = typeof method === "string" ? method.toUpperCase() : "";
  if (methodGrammar.test(upper) && upper !== "CONNECT") return upper;
  throw new ValidationError(`${JSON.stringify(method)} is no method that can be requested`);
}

/** An empty key would be the same for every request. */
function checkedKey(key: true | string): string {
  if (key === true) return randomUUID();
  if (key !== "") return key;
  throw new ValidationError("an idempotencyKey must be true or not empty");
}

/** Null is none, as with the platform's `fetch`. */
function checkedSignal(signal: AbortSignal | undefined | null): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined;
  if (typeof signal.addEventListener === "function") return signal;
  throw new ValidationError("signal must be an AbortSignal");
}
