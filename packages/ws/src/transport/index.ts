/**
 * `@net/ws/transport`: links over WebSockets, to dial and to listen, and sessions over them. For Node.
 *
 * @module
 */

export { acceptSessions } from "../session/server/accept-sessions.ts";
export type { AcceptSessionsOptions, SessionServer } from "../session/server/options.ts";
export type { ClientTLSOptions } from "../socket/node-options.ts";
export type { TransportTLSOptions, WebSocketTransportOptions } from "./options.ts";
export { type WebSocketTransport, webSocketTransport } from "./transport.ts";
