/**
 * `@net/sockets`: TCP made pleasant. For Node.
 *
 * @module
 */

// How messages lie in a byte stream
export { type DelimiterOptions, delimiter } from "./framing/delimiter.ts";
export {
  DEFAULT_MAX_MESSAGE_BYTES,
  type Framing,
  type MessageDecoder,
} from "./framing/framing.ts";
export { type LengthPrefixOptions, lengthPrefix } from "./framing/length-prefix.ts";
export { raw } from "./framing/raw.ts";
// Is somebody there?
export { type PortCheckOptions, PortScanner } from "./scan/port-scanner.ts";
// Client and server
export { TCPClient, type TCPClientOptions } from "./tcp/client.ts";
export {
  type CloseTCPOptions,
  TCPConnection,
  type TCPConnectionOptions,
  type WaitOptions,
} from "./tcp/connection.ts";
export { type TCPHandler, TCPServer, type TCPServerOptions } from "./tcp/server.ts";
export type { TLSClientOptions, TLSServerOptions } from "./tcp/tls.ts";
// Links for the mesh
export { type TCPTransportOptions, tcpTransport } from "./transport/transport.ts";
