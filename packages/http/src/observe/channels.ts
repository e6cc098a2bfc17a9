import { type Channel, channel } from "node:diagnostics_channel";
import type { RetryEvent } from "../policies/retry.ts";
import type { ErrorEvent, HttpHooks, RedirectEvent, RequestEvent, ResponseEvent } from "./hooks.ts";

/** Every channel of this package, by name. Subscribe with `node:diagnostics_channel`. */
export interface HttpChannels {
  "net:http:request": RequestEvent;
  "net:http:response": ResponseEvent;
  "net:http:error": ErrorEvent;
  "net:http:retry": RetryEvent & RequestEvent;
  "net:http:redirect": RedirectEvent;
}

const channels: { readonly [Name in keyof HttpChannels]: Channel } = {
  "net:http:request": channel("net:http:request"),
  "net:http:response": channel("net:http:response"),
  "net:http:error": channel("net:http:error"),
  "net:http:retry": channel("net:http:retry"),
  "net:http:redirect": channel("net:http:redirect"),
};

/** Somebody listens to requests as such. */
export function hasListeners(): boolean {
  return (
    channels["net:http:request"].hasSubscribers ||
    channels["net:http:response"].hasSubscribers ||
    channels["net:http:error"].hasSubscribers
  );
}

/** Publishes what happens. */
export const publishing: HttpHooks = {
  onRequest: (event) => channels["net:http:request"].publish(event),
  onResponse: (event) => channels["net:http:response"].publish(event),
  onError: (event) => channels["net:http:error"].publish(event),
  onRetry: (event) => channels["net:http:retry"].publish(event),
  onRedirect: (event) => channels["net:http:redirect"].publish(event),
};
