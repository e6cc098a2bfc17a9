/**
 * `@net/ws`: a WebSocket client that comes back, in Node and browsers. The transport for links, which needs Node, is
 * in `@net/ws/transport`.
 *
 * @module
 */

export {
  type ClientEnd,
  type ClientEvents,
  type ClientState,
  type WaitOptions,
  WebSocketClient,
} from "./client/client.ts";
export type {
  AttemptContext,
  ConnectionFailure,
  HeadersSource,
  PerAttempt,
  ReconnectOptions,
  URLSource,
  WebSocketClientOptions,
} from "./client/options.ts";
export type { Message } from "./socket/socket.ts";
