import { createServer, type Socket } from "node:net";
import {
  type Acceptor,
  acceptLink,
  type Clock,
  DEFAULT_HIGH_WATER_MARK,
  DEFAULT_MAX_FRAME_BYTES,
  type Dialer,
  type DialOptions,
  type Link,
  type Listener,
  type ListenOptions,
  startListening,
  systemClock,
} from "@net/core";
import { observeDial, observeLink } from "@net/core/diagnostics";
import { frameLink } from "@net/core/framing";
import { clock as aClock, assertOptions, type Rules, readElsewhere } from "@net/core/options";
import { formatAddress, parseAddress } from "../tcp/address.ts";
import { openSocket } from "../tcp/open-socket.ts";
import { frameLimit, positiveTime, targetPort, wholeNumber } from "../validate.ts";

export interface TCPTransportOptions {
  /** The largest frame, sent or received. Default 1 MiB. */
  readonly maxFrameBytes?: number | undefined;
  /** `send` says false while more bytes than this wait to leave. Default 64 KiB. */
  readonly highWaterMark?: number | undefined;
  /** How long a dial may take, in ms. Default 10,000. */
  readonly connectTimeout?: number | undefined;
  readonly clock?: Clock | undefined;
}

const rules: Rules<TCPTransportOptions> = {
  ...{ maxFrameBytes: readElsewhere, highWaterMark: readElsewhere },
  ...{ connectTimeout: readElsewhere, clock: aClock },
};

const SCHEME = "tcp";
const DEFAULT_CONNECT_TIMEOUT = 10_000;

/**
 * Links over plain TCP, framed as `@net/core/framing` says. Addresses are `tcp://host:port`; an IPv6 host stands in
 * brackets. Nothing is encrypted: use it on loopback, inside a tunnel, or under a handshake of your own.
 *
 * @throws ValidationError if an option is out of range, or there is no such option.
 * @example
 * ```ts
 * const transport = tcpTransport();
 * await using listener = await transport.listen("tcp://127.0.0.1:0", (link) => link.receive((frame) => link.send(frame)));
 * await using link = await transport.dial(listener.address);
 * ```
 */
export function tcpTransport(options: TCPTransportOptions = {}): Dialer & Acceptor {
  assertOptions(options, rules, "tcpTransport", (name) => name);
  positiveTime("connectTimeout", options.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT);
  frameLimit("maxFrameBytes", options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES);
  wholeNumber("highWaterMark", options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK);
  return {
    schemes: [SCHEME],
    dial: (address, dialOptions) =>
      observeDial(SCHEME, address, () => dial(address, options, dialOptions)),
    listen: (address, accept, listenOptions) => listen(address, accept, options, listenOptions),
  };
}

async function dial(
  address: string,
  options: TCPTransportOptions,
  { signal }: DialOptions = {},
): Promise<Link> {
  const { host, port } = parseAddress(address);
  const socket = await openSocket({
    endpoint: { host, port: targetPort(port) },
    timeout: options.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT,
    noDelay: true,
    clock: options.clock ?? systemClock,
    signal,
  });
  return linkOver(socket, address, options);
}

async function listen(
  address: string,
  accept: (link: Link) => void,
  options: TCPTransportOptions,
  { signal }: ListenOptions = {},
): Promise<Listener> {
  const where = parseAddress(address);
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    const { remoteAddress: host, remotePort: port } = socket;
    // Without an address it is gone already, before anybody knew of it.
    if (host === undefined || port === undefined) return void socket.destroy();
    const link = linkOver(socket, formatAddress({ host, port }), options);
    observeLink(SCHEME, link, "accepted");
    acceptLink(accept, link);
  });
  const port = await startListening(server, where, { address: formatAddress(where), signal });
  // For instance out of file handles: that connection is lost, the listener is not.
  server.on("error", () => {});
  const close = async (): Promise<void> => void server.close();
  return { address: formatAddress({ ...where, port }), close, [Symbol.asyncDispose]: close };
}

function linkOver(socket: Socket, remoteAddress: string, options: TCPTransportOptions): Link {
  const { maxFrameBytes, highWaterMark, clock } = options;
  return frameLink(socket, { remoteAddress, maxFrameBytes, highWaterMark, clock });
}
