import type { NetworkError } from "../errors/network-error.ts";

// The contract that WebSockets, framed TCP, SSH tunnels and memory all meet, and all that the mesh and the
// session know. The conformance suite in `@net/core/testing` has a test for each line of it.

/** The waiting bytes above which `send` says false, unless a transport says otherwise: 64 KiB. */
export const DEFAULT_HIGH_WATER_MARK: number = 64 * 1024;
/** Beyond this many high-water marks `send` throws: whoever ignores `false` must not fill the memory. */
export const OVERLOAD_FACTOR = 4;
/** The largest frame, unless a transport says otherwise: 1 MiB. */
export const DEFAULT_MAX_FRAME_BYTES: number = 1024 * 1024;
/** How long a polite close may take before it becomes an abort. */
export const DEFAULT_CLOSE_TIMEOUT = 5_000;

export interface DialOptions {
  /** Gives up the attempt; the dial rejects with `AbortedError` and leaves nothing open. */
  readonly signal?: AbortSignal | undefined;
}

export interface ListenOptions {
  /** Gives up the attempt to listen; a listener that exists is not closed by it. */
  readonly signal?: AbortSignal | undefined;
}

/** Opens links. */
export interface Dialer {
  /** The address schemes it understands, without the colon: `["ws", "wss"]`. */
  readonly schemes: readonly string[];
  /**
   * Opens a link to `address`.
   *
   * @throws ValidationError if the address does not fit the scheme's grammar.
   * @throws ConnectionError if nobody answers there; NetworkTimeoutError, AuthenticationError as the transport knows them.
   */
  dial(address: string, options?: DialOptions): Promise<Link>;
}

/** Waits for links that others open. */
export interface Acceptor {
  /**
   * Listens at `address` and calls `accept` once per link. Port 0 asks for a free port; the listener's
   * address tells which.
   *
   * @throws ValidationError if the address does not fit the scheme's grammar.
   * @throws ConnectionError `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`.
   */
  listen(address: string, accept: (link: Link) => void, options?: ListenOptions): Promise<Listener>;
}

/** Dials, and mostly listens too: browsers and SSH only dial. */
export type Transport = Dialer & Partial<Acceptor>;

/** Somebody listening. Closing it refuses new links and leaves open ones alone; closing twice is once. */
export interface Listener extends AsyncDisposable {
  /** As others would dial it, with the port that was given. */
  readonly address: string;
  close(): Promise<void>;
}

/** What is known about who can read and change the bytes on the way. */
export interface LinkSecurity {
  readonly encrypted: boolean;
  /** TLS exporter value, equal at both ends and nowhere else (RFC 9266), where TLS is 1.3 or later. */
  readonly channelBinding?: Uint8Array;
}

/** Why a link ended: ours to send on the wire, except `lost` and `timeout`, which nobody says. */
export type CloseCode =
  | "normal"
  | "going-away"
  | "refused"
  | "unauthorized"
  | "replaced"
  | "overloaded"
  | "too-large"
  | "protocol-error"
  | "internal"
  | "timeout"
  | "lost";

export interface CloseReason {
  readonly code: CloseCode;
  /** For people; may be empty. At most 120 bytes of UTF-8 travel. */
  readonly message: string;
  /** True if the other side ended it, or it died on the way. */
  readonly remote: boolean;
  readonly error?: NetworkError;
}

/** What `close` and `abort` may be told. */
export interface CloseRequest {
  /** Default `normal`. */
  readonly code?: CloseCode | undefined;
  /** For people; what is over 120 bytes of UTF-8 is cut. */
  readonly message?: string | undefined;
}

export interface CloseOptions {
  /** How long to be polite, in ms; default 5000. */
  readonly timeout?: number | undefined;
}

/** A connection that carries whole frames both ways, in order. */
export interface Link extends AsyncDisposable {
  /** The other end, as far as it is known. */
  readonly remoteAddress: string;
  /** The largest frame it carries. */
  readonly maxFrameBytes: number;
  readonly security: LinkSecurity;

  /**
   * Says where frames go. Until then they wait, and so may the news of a remote close or death. The callback may
   * pause, resume, send, close and abort, and is never called within its own call. It must not throw; if it does,
   * the link aborts with `internal`.
   *
   * A frame may be a view of a larger buffer: copy what is kept for long.
   *
   * @throws NetworkError `INVALID_STATE` when called a second time.
   */
  receive(onFrame: (frame: Uint8Array) => void): void;

  /**
   * Nobody has a view of that frame any more, which is being handed over: its memory may be freed, where that is more than to wait
   * for garbage collection. Said later, or twice, or of what is no frame of this link, it may be in vain, and does no harm.
   */
  spent?(frame: Uint8Array): void;

  /**
   * Sends a frame and takes ownership of its bytes: do not touch them afterwards. Empty frames are frames.
   *
   * @returns false when more than the high-water mark waits to leave: the frame was taken, but await
   * {@link Link.drained} before sending more.
   * @throws ValidationError `FRAME_TOO_LARGE` above `maxFrameBytes`.
   * @throws OverloadedError when more than four high-water marks wait; this frame was not taken.
   * @throws ClosedError once closed, by whichever side.
   */
  send(frame: Uint8Array): boolean;

  /**
   * As {@link Link.send}, but the frame stays its sender's, who must not change it before it is returned. Where it is missing,
   * send a copy.
   *
   * @param onReturned called once when the link needs its bytes no more, maybe before `lend` returns; never if the link ends before.
   */
  lend?(frame: Uint8Array, onReturned: () => void): boolean;

  /**
   * What was sent leaves now, and not together with what else is sent in this tick; a link for which large batches are worth the
   * wait may wait nevertheless. Where it is missing, nothing is held. It does nothing once the link has ended.
   */
  flush?(): void;

  /** Resolves when no more than the high-water mark waits. @throws ClosedError when the link dies; AbortedError. */
  drained(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;

  /**
   * No frame arrives after this returns, until {@link Link.resume}. A remote close or death may be noticed only
   * then, too.
   */
  pause(): void;
  resume(): void;

  /**
   * Ends politely: what was sent still leaves, then the reason. Resolves when the other side has ended too, or
   * the time ran out and the link was aborted. No frame arrives any more. Closing twice is once.
   *
   * @throws ValidationError if the timeout is not a number; the link ends all the same, at once.
   */
  close(reason?: CloseRequest, options?: CloseOptions): Promise<void>;

  /** Ends at once: what waits to leave is dropped, and the other side sees `lost` or the reason. */
  abort(reason?: CloseRequest): void;

  /**
   * Resolves once, with why it ended: at once after a local `close` or `abort`, even while paused. Never rejects.
   */
  readonly closed: Promise<CloseReason>;
}
