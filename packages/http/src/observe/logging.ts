import type { Logger } from "@net/core";
import type { HttpHooks } from "./hooks.ts";

/** Writes a line for each answer (`debug`), redirect (`debug`), retry (`warn`) and failed request (`warn`). */
export function logging(logger: Logger): HttpHooks {
  return {
    onResponse: ({ headers: _headers, ...event }) =>
      logger.debug(event, `${event.method} ${event.url} was answered with status ${event.status}`),
    onRedirect: (event) => logger.debug(event, `${event.url} leads to ${event.to}`),
    onError: ({ error, ...event }) =>
      logger.warn({ ...event, error: error.toJSON() }, error.message),
    onRetry: ({ error, ...event }) =>
      logger.warn(
        { ...event, code: error?.code },
        `${event.method} ${event.url} is tried again in ${Math.round(event.delayMs)} ms`,
      ),
  };
}
