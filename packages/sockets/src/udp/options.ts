import type { Clock } from "@net/core";
import type { Lookup } from "../tcp/lookup.ts";
import type { Datagram } from "./datagram.ts";

export interface UDPClientOptions {
  /** Default 0: the system chooses a free one. */
  readonly port?: number | undefined;
  /**
   * The address it is bound to; an IPv6 address makes an IPv6 socket. Default 127.0.0.1: this machine only. `0.0.0.0` or
   * `::` reach other machines, and are reached by them.
   */
  readonly host?: string | undefined;
  /** Whether several sockets may share the port, as multicast receivers do. Default false. */
  readonly reuseAddress?: boolean | undefined;
  /** Multicast that leaves here. */
  readonly multicast?: MulticastOptions | undefined;
  /** Datagrams that may wait to be received, and their bytes. More are dropped and counted. */
  readonly queue?:
    | {
        /** Default 1024. */
        readonly datagrams?: number | undefined;
        /** Default 1 MiB. */
        readonly bytes?: number | undefined;
      }
    | undefined;
  /** Ends the client when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Finds the addresses of a host name. Default: the system's way. */
  readonly lookup?: Lookup | undefined;
  readonly clock?: Clock | undefined;
}

export interface MulticastOptions {
  /** The interface it leaves by: a name (`eth0`) or one of its addresses. Default: the system's choice. */
  readonly interface?: string | undefined;
  /** How many networks it crosses. Default 1: it stays on the local one. */
  readonly ttl?: number | undefined;
  /** Whether this machine hears it too. Default true. */
  readonly loopback?: boolean | undefined;
}

export interface RequestOptions {
  /** How often the request is sent again when no answer came. Default 2. */
  readonly retries?: number | undefined;
  /** How long to wait after each sending, in ms. Default 1000. */
  readonly timeout?: number | undefined;
  /**
   * Says whether a datagram from the right address is the answer, for instance by a number in it. Default: any is.
   * Without it, a late answer to an earlier request is taken for the answer to this one.
   */
  readonly isAnswer?: ((datagram: Datagram) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface BroadcastOptions {
  /** Default 255.255.255.255, the local network of the default interface; a subnet's own reaches that one. */
  readonly address?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}
