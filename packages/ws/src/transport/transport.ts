import type { Server } from "node:http";
import {
  type Acceptor,
  DEFAULT_MAX_FRAME_BYTES,
  type Dialer,
  type Link,
  type Listener,
  ValidationError,
} from "@net/core";
import { attach, listen, observeDial } from "#transport";
import { payloadLimit } from "../socket/payload-limit.ts";
import { dial } from "./dial.ts";
import { DEFAULT_HANDSHAKE_TIMEOUT, type WebSocketTransportOptions } from "./options.ts";

export interface WebSocketTransport extends Dialer, Acceptor {
  /**
   * Listens at a path of an HTTP or HTTPS server that is yours, beside its requests and whoever else upgrades there:
   * other paths are left to them. The listener's `close` ends neither the server nor links. The server's own limits
   * hold until a handshake is through; `handshakeTimeout` and `tls` are not used.
   *
   * @throws ValidationError if the path does not begin with a slash; ConnectionError `ADDRESS_IN_USE` if a listener
   * has it already. The listener's `address` throws `INVALID_STATE` until the server listens.
   * @example
   * ```ts
   * await using listener = transport.attach(httpServer, "/mesh", (link) => link.receive((frame) => link.send(frame)));
   * ```
   */
  attach(server: Server, path: string, accept: (link: Link) => void): Listener;
}

/**
 * Links over WebSockets: each binary message is a frame. Addresses are `ws://host:port/path` and `wss://…`; an IPv6
 * host stands in brackets. In browsers it dials only, without `headers` and `tls`. To listen, the host says where: `127.0.0.1` is this machine only, `0.0.0.0` everybody, and
 * port 0 any free port.
 *
 * @throws ValidationError if an option is out of range.
 * @example
 * ```ts
 * const transport = webSocketTransport();
 * await using listener = await transport.listen("ws://127.0.0.1:0", (link) => link.receive((frame) => link.send(frame)));
 * await using link = await transport.dial(listener.address);
 * ```
 */
export function webSocketTransport(options: WebSocketTransportOptions = {}): WebSocketTransport {
  const { handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT, maxFrameBytes } = options;
  if (!(handshakeTimeout > 0)) {
    throw new ValidationError(`handshakeTimeout must be more than 0 ms, not ${handshakeTimeout}`);
  }
  payloadLimit("maxFrameBytes", maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES);
  return {
    schemes: ["ws", "wss"],
    dial: (address, dialOptions) =>
      observeDial(schemeOf(address), address, () => dial(address, options, dialOptions)),
    attach: (server, path, accept) => attach(server, path, accept, options),
    listen: (address, accept, listenOptions) => listen(address, accept, options, listenOptions),
  };
}

function schemeOf(address: string): "ws" | "wss" {
  return address.startsWith("wss:") ? "wss" : "ws";
}
