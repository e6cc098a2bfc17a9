import type { Clock, LinkSecurity, NetworkError } from "@net/core";
import type { Compression } from "./compression.ts";
import type { ProxyServer } from "./proxy-options.ts";
import type { TLSOptions } from "./tls-options.ts";

/** What one WebSocket message holds: text, or bytes. */
export type Message = string | Uint8Array;

/** How a socket ended. */
export interface SocketEnd {
  /** The close code of RFC 6455 §7.4: 1005 when none was given, 1006 when nobody said goodbye. */
  readonly code: number;
  readonly reason: string;
  /** What went wrong, if the platform tells. */
  readonly error?: NetworkError;
}

/** What a socket reports. Every handler is called from the platform's own events, never from within a call of ours. */
export interface SocketHandlers {
  onOpen(): void;
  onMessage(message: Message): void;
  /** The other side gave a sign of life that is no message. */
  onPong(): void;
  /** Bytes have left. */
  onDrain(): void;
  /** Exactly once, also when it never opened. */
  onClose(end: SocketEnd): void;
}

/** Hears nothing: for a socket nobody is interested in any more. */
export const deaf: SocketHandlers = {
  onOpen: () => {},
  onMessage: () => {},
  onPong: () => {},
  onDrain: () => {},
  onClose: () => {},
};

/** One WebSocket, as little of it as we need: the same over the `ws` library and over a browser's own. */
export interface PlatformSocket {
  /** Who hears what happens. May be replaced at any time. */
  handlers: SocketHandlers;
  /** True between the handshake and the first word of an end. */
  readonly isOpen: boolean;
  /** The subprotocol both sides agreed on; empty without one. */
  readonly protocol: string;
  /** Bytes that were sent and have not left yet. */
  readonly bufferedBytes: number;
  /** False where the platform cannot hold messages back. */
  readonly canPause: boolean;
  /** Who can read along, as far as the platform tells; known once it is open. */
  readonly security: LinkSecurity;
  /** Asks the other side for a sign of life; not there where the platform cannot. */
  ping?(): void;
  /** Frees from now on what it read as soon as messages were made of it; not there where the platform cannot. */
  freeInput?(): void;
  /** What was sent leaves now, and not with what else is sent in this turn; not there where the platform decides that. */
  flush?(): void;
  /** Nobody needs that message any more: its memory may be freed. Not there where the platform cannot. */
  spent?(message: Uint8Array): void;

  send(message: Message): void;
  /** Holds messages back; some that were already read may still come. A socket that can pause opens paused. */
  pause(): void;
  resume(): void;
  /** Says goodbye, after everything that was sent. */
  close(code: number, reason: string): void;
  /** Closes because the other side broke the rules: `terminate` then leaves the time to tell it, but not long. */
  refuse(code: number, reason: string): void;
  /** Ends at once. */
  terminate(): void;
}

export interface OpenSocketOptions {
  readonly protocols: readonly string[];
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Larger messages end the connection with 1009. */
  readonly maxPayload: number;
  /** Offers to compress messages. Browsers decide that themselves. */
  readonly compression?: Compression | undefined;
  /** Not in browsers. */
  readonly tls?: TLSOptions | undefined;
  /** Not in browsers. */
  readonly proxy?: ProxyServer | "environment" | undefined;
  /** Whether masks may be zero over TLS, see `noMask`. Browsers decide that themselves. */
  readonly unmasked?: boolean | undefined;
  readonly clock: Clock;
}
