import type { Logger } from "@net/core";
import { type Datagram, UDPClient } from "@net/sockets";
import type { NetInterface } from "../interfaces/net-interface.ts";
import type { Opened } from "../interfaces/per-interface.ts";
import { type BroadcastMessage, readDatagram } from "./format.ts";

/** Who sent a datagram, or claims to have. */
export type From = Pick<Datagram, "host" | "port">;

export interface BroadcastSocketOptions {
  readonly netInterface: NetInterface;
  /** The port that is shared by all who answer; without it the socket is one to ask by. */
  readonly port?: number;
  readonly logger: Logger;
  readonly onMessage: (message: BroadcastMessage, from: From, socket: BroadcastSocket) => void;
  readonly onBroken: () => void;
}

/** A socket on one interface. */
export interface BroadcastSocket extends Opened {
  readonly netInterface: NetInterface;
  /** Resolves when it has left, or could not: nobody may be there anyway. */
  send(data: Uint8Array, to: From): Promise<void>;
  broadcast(data: Uint8Array, port: number): Promise<void>;
}

/** Interfaces that have broadcasts: those with an IPv4 address. */
export function hasBroadcast({ broadcast }: NetInterface): boolean {
  return broadcast !== undefined;
}

/** @throws ConnectionError */
export async function openBroadcastSocket(
  options: BroadcastSocketOptions,
): Promise<BroadcastSocket> {
  const { netInterface, port, logger } = options;
  // Broadcasts reach only sockets that are bound to every interface; answers reach those bound to their own.
  const host = port === undefined ? netInterface.joinBy : "0.0.0.0";
  const udp = await UDPClient.open({ host, port: port ?? 0, reuseAddress: port !== undefined });
  const quietly = async (sending: Promise<void>): Promise<void> => {
    await sending.catch((error: unknown) => {
      logger.debug({ error, interface: netInterface.name }, "a discovery datagram was not sent");
    });
  };
  const socket: BroadcastSocket = {
    netInterface,
    send: (data, to) => quietly(udp.send(data, to.host, to.port)),
    broadcast: (data, to) => quietly(udp.broadcast(data, to, { address: netInterface.broadcast })),
    close: () => udp.close(),
  };
  void listen(udp, socket, options);
  return socket;
}

async function listen(
  udp: UDPClient,
  socket: BroadcastSocket,
  { netInterface, logger, onMessage, onBroken }: BroadcastSocketOptions,
): Promise<void> {
  try {
    for await (const { data, host, port } of udp) {
      const message = netInterface.isOnLink(host) ? readDatagram(data) : undefined;
      if (message) onMessage(message, { host, port }, socket);
    }
  } catch (error) {
    logger.warn({ error, interface: netInterface.name }, "a discovery socket broke");
    onBroken();
  }
}
