import { BaseLink, type Clock, type NetworkError } from "@net/core";
import { CHUNK_BYTES } from "@net/qos";
import type { Channel } from "../channel/channel.ts";
import { encodeRouted, encodeRoutedHeader, type Path, RoutedFlag } from "../wire/routed.ts";

/** How urgent the frames of sessions are on every link, those of bulk sessions apart, so that none overtakes another. */
export const RELAYED = "relayed";
export const RELAYED_BULK = "relayed-bulk";

/** What waits at the first link before the one above is asked to slow down. */
const HIGH_WATER_MARK = 64 * 1024;
const NOTHING: Uint8Array = new Uint8Array(0);

export interface RouteLinkOptions {
  /** From this end to the other. */
  readonly path: Path;
  readonly session: string;
  /** Which end this is. */
  readonly role: "initiator" | "responder";
  readonly bulk: boolean;
  /** The first link of the path. */
  readonly first: Channel;
  readonly clock: Clock;
}

/**
 * A link to a peer that is several links away: each frame goes along the path, through relays that pass it on. It is
 * not secure by itself: relays could read, drop and forge its frames; what runs on it must see to that.
 */
export class RouteLink extends BaseLink {
  readonly path: Path;
  readonly session: string;
  /** What a relay said of why it did not pass a frame on. */
  failure: NetworkError | undefined = undefined;
  readonly #first: Channel;
  readonly #header: Uint8Array;
  readonly #type: string;
  readonly #flags: number;
  #buffered = 0;
  /** Whether the other end knows of it. */
  #isBegun: boolean;
  /** Whether the other end has said that it is over. */
  #isEnded = false;

  constructor({ path, session, role, bulk, first, clock }: RouteLinkOptions) {
    super({
      remoteAddress: path.slice(1).join(" > "),
      // A chunk, and what secures it.
      maxFrameBytes: CHUNK_BYTES + 64,
      highWaterMark: HIGH_WATER_MARK,
      clock,
    });
    this.path = path;
    this.session = session;
    this.#first = first;
    this.#header = encodeRoutedHeader(session, path);
    this.#type = typeOf(bulk);
    this.#isBegun = role === "responder";
    this.#flags = (bulk ? RoutedFlag.bulk : 0) | (role === "responder" ? RoutedFlag.answer : 0);
    void first.closed.then(({ message }) =>
      this.lost(`the link to ${first.peerId} ended: ${message}`),
    );
  }

  /** A frame came over the path. */
  arrived(frame: Uint8Array): void {
    this.deliver(frame);
  }

  /** What was sent leaves now, as far as the first link can take it. */
  flush(): void {
    this.#first.flush();
  }

  /** The other end has said that it is over. */
  finished(): void {
    this.#isEnded = true;
    this.lost("the other end of the session has ended it");
  }

  /** No more frames will arrive, or leave. */
  lost(message: string, error?: NetworkError): void {
    this.failure ??= error;
    this.ended({ code: "lost", message, remote: true, ...(error && { error }) });
  }

  protected bufferedBytes(): number {
    return this.#buffered;
  }

  protected write(frame: Uint8Array): void {
    const flags = this.#isBegun ? this.#flags : this.#flags | RoutedFlag.open;
    this.#isBegun = true;
    this.#offer(encodeRouted(this.#header, flags, frame));
  }

  /** Whoever sends knows from its credit when to stop. */
  protected flow(): void {}

  /** What is said last, the link above has said under its seal; that the session is over, `destroy` says. */
  protected async sayGoodbye(): Promise<void> {}

  protected destroy(): void {
    if (this.#isBegun && !this.#isEnded) this.#sayEnd();
  }

  /** So that the other end need not wait for what does not come. */
  #sayEnd(): void {
    try {
      this.#offer(encodeRouted(this.#header, this.#flags | RoutedFlag.end, NOTHING));
    } catch {
      // The first link has ended, or is full: then the other end hears it from its own heartbeat.
    }
  }

  #offer(frame: Uint8Array): void {
    const size = frame.byteLength;
    this.#buffered += size;
    try {
      this.#first.offerFrame(frame, this.#type, () => {
        this.#buffered -= size;
        this.flushed();
      });
    } catch (error) {
      this.#buffered -= size;
      throw error;
    }
  }
}

export function typeOf(bulk: boolean): string {
  return bulk ? RELAYED_BULK : RELAYED;
}
