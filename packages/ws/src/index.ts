/**
 * `@net/ws`: a WebSocket client that comes back, in Node and browsers. The transport for links, which needs Node, is
 * in `@net/ws/transport`.
 *
 * @module
 */

export { type WaitOptions, WebSocketClient } from "./client/client.ts";
export type { ClientEnd, ClientEvents, ClientState } from "./client/client-events.ts";
export type {
  AttemptContext,
  BufferOptions,
  ConnectionFailure,
  HeadersSource,
  PerAttempt,
  PingOptions,
  ReconnectOptions,
  TimeoutOptions,
  URLSource,
  WebSocketClientOptions,
} from "./client/options.ts";
export type { Overflow } from "./client/outbox.ts";
export type { CompressionOptions } from "./socket/compression.ts";
export type { ProxyOption, ProxyOptions } from "./socket/proxy-options.ts";
export type { Message } from "./socket/socket.ts";
export type { PEM, TLSOptions } from "./socket/tls-options.ts";
