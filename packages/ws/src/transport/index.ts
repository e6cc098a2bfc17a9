/**
 * `@net/ws/transport`: links over WebSockets, to dial and to listen. For Node.
 *
 * @module
 */

export type { ClientTLSOptions } from "../socket/node.ts";
export type { TransportTLSOptions, WebSocketTransportOptions } from "./options.ts";
export { webSocketTransport } from "./transport.ts";
