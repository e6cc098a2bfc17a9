/**
 * `@net/sockets`: TCP, UDP and port scanning made pleasant. For Node.
 *
 * @module
 */

// How messages lie in a byte stream
export { type DelimiterOptions, delimiter } from "./framing/delimiter.ts";
export {
  DEFAULT_MAX_MESSAGE_BYTES,
  type Framing,
  type MessageDecoder,
  type MessageWriter,
} from "./framing/framing.ts";
export { type LengthPrefixOptions, lengthPrefix } from "./framing/length-prefix.ts";
export { raw } from "./framing/raw.ts";
// Is somebody there?
export type { ScanOptions } from "./scan/options.ts";
export { type PortCheckOptions, PortScanner } from "./scan/port-scanner.ts";
export type {
  Banner,
  PortReason,
  PortResult,
  PortState,
  ScanProgress,
  TLSBanner,
} from "./scan/result.ts";
export { scan } from "./scan/scan.ts";
export { serviceName, servicePort } from "./scan/services.ts";
// Client and server
export type { Endpoint, SocketPath } from "./tcp/address.ts";
export { TCPClient } from "./tcp/client.ts";
export type { TCPClientEvents, TCPClientState } from "./tcp/client-events.ts";
export type { TCPClientOptions } from "./tcp/client-options.ts";
export { TCPConnection } from "./tcp/connection.ts";
export type {
  CloseTCPOptions,
  TCPConnectionOptions,
  WaitOptions,
} from "./tcp/connection-options.ts";
export type { HostAddress, Lookup } from "./tcp/lookup.ts";
export type { ConnectionFailure, ReconnectOptions } from "./tcp/reconnect.ts";
export { type TCPHandler, TCPServer } from "./tcp/server.ts";
export type { TCPServerOptions } from "./tcp/server-options.ts";
export type { TLSClientOptions, TLSServerOptions } from "./tcp/tls.ts";
// Links for the mesh
export { type TCPTransportOptions, tcpTransport } from "./transport/transport.ts";
// Datagrams
export { UDPClient } from "./udp/client.ts";
export { type Datagram, MAX_DATAGRAM_BYTES } from "./udp/datagram.ts";
export { type LocalInterface, localInterfaces } from "./udp/interfaces.ts";
export type {
  BroadcastOptions,
  MulticastOptions,
  RequestOptions,
  UDPClientOptions,
} from "./udp/options.ts";
