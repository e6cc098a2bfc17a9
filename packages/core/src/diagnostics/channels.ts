import { type Channel, channel } from "node:diagnostics_channel";
import type { NetworkError } from "../errors/network-error.ts";
import type { CloseReason } from "../link/transport.ts";

/** A dial that ended, well or not. */
export interface DialMessage {
  /** The scheme: `ws`, `tcp`, … */
  readonly transport: string;
  readonly address: string;
  readonly durationMs: number;
  readonly error?: NetworkError;
}

/** A link that was opened, by whichever side. */
export interface LinkOpenMessage {
  readonly transport: string;
  readonly remoteAddress: string;
  readonly direction: "dialled" | "accepted";
}

/** A link that ended. */
export interface LinkCloseMessage {
  readonly transport: string;
  readonly remoteAddress: string;
  readonly reason: CloseReason;
}

/** Every channel of this package, by name. Subscribe with `node:diagnostics_channel`. */
export interface CoreChannels {
  "net:transport:dial": DialMessage;
  "net:link:open": LinkOpenMessage;
  "net:link:close": LinkCloseMessage;
}

const channels: { readonly [Name in keyof CoreChannels]: Channel } = {
  "net:transport:dial": channel("net:transport:dial"),
  "net:link:open": channel("net:link:open"),
  "net:link:close": channel("net:link:close"),
};

/** Publishes, if anybody listens: without a subscriber the message is not even made. */
export function publish<Name extends keyof CoreChannels>(
  name: Name,
  message: () => CoreChannels[Name],
): void {
  if (channels[name].hasSubscribers) channels[name].publish(message());
}
