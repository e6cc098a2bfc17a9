import type { Clock, Logger, Timer } from "@net/core";
import type { MdnsSettings } from "./mdns-options.ts";
import { type MdnsSocket, openMdnsSocket } from "./mdns-socket.ts";
import { type Announced, isQueryForPeers, recordsOf } from "./service.ts";

/** RFC 6762 §8.3: an announcement is sent at least twice, one second apart. */
const REPEAT_DELAY = 1_000;

export interface AnnouncerOptions {
  readonly peer: Announced;
  readonly settings: MdnsSettings;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tells others by multicast DNS that a peer is here, when it comes, when somebody asks, and when it leaves. */
export class Announcer implements AsyncDisposable {
  readonly #options: AnnouncerOptions;
  readonly #socket: MdnsSocket;
  readonly #repeat: Timer;
  #closed: Promise<void> | undefined;

  private constructor(options: AnnouncerOptions, socket: MdnsSocket) {
    this.#options = options;
    this.#socket = socket;
    this.#tell();
    this.#repeat = options.clock.setTimeout(() => this.#tell(), REPEAT_DELAY);
  }

  /** @throws ValidationError if the peer cannot be announced; ConnectionError if the interface cannot be used. */
  static async start(options: AnnouncerOptions): Promise<Announcer> {
    recordsOf(options.peer);
    let answer = (): void => {};
    const socket = await openMdnsSocket({
      settings: options.settings,
      logger: options.logger,
      onPacket: (packet) => {
        if (isQueryForPeers(packet)) answer();
      },
    });
    const announcer = new Announcer(options, socket);
    answer = () => announcer.#tell();
    return announcer;
  }

  /** Says goodbye, so that others forget the peer at once. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #end(): Promise<void> {
    this.#repeat.cancel();
    await this.#socket.tell(recordsOf(this.#options.peer, 0));
    await this.#socket.close();
  }

  #tell(): void {
    if (!this.#closed) void this.#socket.tell(recordsOf(this.#options.peer));
  }
}
