/**
 * `@net/http/opentelemetry`: spans and metrics of requests, for `tracing`. Needs `@opentelemetry/api`. For Node.
 *
 * @module
 */

export { type OpenTelemetryOptions, openTelemetry } from "./tracing.ts";
