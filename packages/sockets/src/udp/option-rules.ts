import {
  aborting,
  assertOptions,
  callable,
  clock,
  flag,
  type Rules,
  readElsewhere,
  someRecord,
} from "@net/core/options";
import type { MulticastOptions, RequestOptions, UDPClientOptions } from "./options.ts";

const client: Rules<UDPClientOptions> = {
  ...{ port: readElsewhere, host: readElsewhere, reuseAddress: flag, multicast: someRecord },
  ...{ queue: someRecord, signal: aborting, lookup: callable, clock },
};

const multicast: Rules<MulticastOptions> = {
  ...{ interface: readElsewhere, ttl: readElsewhere, loopback: flag },
};

const queue: Rules<NonNullable<UDPClientOptions["queue"]>> = {
  ...{ datagrams: readElsewhere, bytes: readElsewhere },
};

const request: Rules<RequestOptions> = {
  ...{ retries: readElsewhere, timeout: readElsewhere, isAnswer: callable, signal: aborting },
};

/** Checks what TypeScript cannot. @throws ValidationError naming the option and what it must be. */
export function assertClientOptions(options: UDPClientOptions): void {
  assertOptions(options, client, "a UDPClient", (name) => name);
  if (options.multicast) assertOptions(options.multicast, multicast, "multicast");
  if (options.queue) assertOptions(options.queue, queue, "queue");
}

/** The same of a request's. @throws ValidationError */
export function assertRequestOptions(options: RequestOptions): void {
  assertOptions(options, request, "a request", (name) => name);
}
