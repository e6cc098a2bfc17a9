import { type Acceptor, DEFAULT_MAX_FRAME_BYTES, type Dialer, ValidationError } from "@net/core";
import { observeDial } from "@net/core/diagnostics";
import { payloadLimit } from "../socket/payload-limit.ts";
import { dial } from "./dial.ts";
import { listen } from "./listen.ts";
import { DEFAULT_HANDSHAKE_TIMEOUT, type WebSocketTransportOptions } from "./options.ts";

/**
 * Links over WebSockets: each binary message is a frame. Addresses are `ws://host:port/path` and `wss://…`; an IPv6
 * host stands in brackets. To listen, the host says where: `127.0.0.1` is this machine only, `0.0.0.0` everybody, and
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
export function webSocketTransport(options: WebSocketTransportOptions = {}): Dialer & Acceptor {
  const { handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT, maxFrameBytes } = options;
  if (!(handshakeTimeout > 0)) {
    throw new ValidationError(`handshakeTimeout must be more than 0 ms, not ${handshakeTimeout}`);
  }
  payloadLimit("maxFrameBytes", maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES);
  return {
    schemes: ["ws", "wss"],
    dial: (address, dialOptions) =>
      observeDial(schemeOf(address), address, () => dial(address, options, dialOptions)),
    listen: (address, accept, listenOptions) => listen(address, accept, options, listenOptions),
  };
}

function schemeOf(address: string): "ws" | "wss" {
  return address.startsWith("wss:") ? "wss" : "ws";
}
