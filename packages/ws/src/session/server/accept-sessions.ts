import type { JsonValue } from "@net/core";
import type { AcceptSessionsOptions, SessionServer } from "./options.ts";
import { Sessions } from "./session-server.ts";

/**
 * Accepts sessions over links of any transport.
 *
 * @throws ValidationError if an option is missing, unknown or not what it must be.
 * @example
 * ```ts
 * await using server = acceptSessions({ store, authenticate: ({ session, token }) => ({ session: `${userOf(token)}/${session}` }) });
 * await using listener = await transport.listen("ws://127.0.0.1:0", server.accept);
 * await server.enqueue("alice/laptop", { text: "hello" });
 * ```
 */
export function acceptSessions<Body = JsonValue, Tx = unknown>(
  options: AcceptSessionsOptions<Body, Tx>,
): SessionServer<Body, Tx> {
  return new Sessions(options);
}
