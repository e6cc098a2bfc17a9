import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { throwIfAborted, toNetworkError, ValidationError } from "@net/core";
import { localPort } from "../validate.ts";
import { interfaceFor } from "./interfaces.ts";
import type { MulticastOptions, UDPClientOptions } from "./options.ts";

/** This machine only. */
const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_TTL = 1;
const MAX_TTL = 255;

/** A socket, and the address it is bound to. */
export interface BoundSocket {
  readonly socket: Socket;
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6;
}

/** Opens a socket, or rejects and leaves nothing open. @throws ConnectionError (`listen`), ValidationError, AbortedError. */
export async function bindSocket(options: UDPClientOptions): Promise<BoundSocket> {
  const { host = DEFAULT_HOST, port = 0, reuseAddress = false, multicast = {}, signal } = options;
  localPort(port);
  throwIfAborted(signal);
  const family = isIPv6(host) ? 6 : 4;
  const socket = createSocket({ type: `udp${family}`, reuseAddr: reuseAddress, lookup: asItIs });
  const listening = once(socket, "listening");
  try {
    socket.bind({ port, address: host, exclusive: true });
    await listening;
    setMulticast(socket, multicast, family);
    throwIfAborted(signal);
    const bound = socket.address();
    return { socket, host: bound.address, port: bound.port, family };
  } catch (error) {
    listening.catch(() => {}); // What bind threw at once is the reason.
    socket.close();
    throw toNetworkError(error, {
      doing: "listen at",
      address: `${host} port ${port}`,
      phase: "listen",
    });
  }
}

function setMulticast(socket: Socket, options: MulticastOptions, family: 4 | 6): void {
  const { ttl = DEFAULT_TTL, loopback = true } = options;
  if (!(Number.isInteger(ttl) && ttl >= 0 && ttl <= MAX_TTL)) {
    throw new ValidationError(`multicast.ttl is a whole number from 0 to ${MAX_TTL}, not ${ttl}`);
  }
  socket.setMulticastTTL(ttl);
  socket.setMulticastLoopback(loopback);
  if (options.interface !== undefined) {
    socket.setMulticastInterface(interfaceFor(options.interface, family));
  }
}

/**
 * In place of the system's lookup, which answers in a later turn even for an address, and there are only addresses here:
 * a socket that is closed meanwhile would never tell the sender.
 */
const asItIs: NonNullable<SocketOptions["lookup"]> = (address, _options, done) => {
  done(null, address, isIPv6(address) ? 6 : 4);
};
