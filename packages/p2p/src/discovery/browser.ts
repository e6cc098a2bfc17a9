import type { Clock, Logger, Timer } from "@net/core";
import type { MdnsSettings } from "./mdns-options.ts";
import { type MdnsSocket, openMdnsSocket } from "./mdns-socket.ts";
import { SERVICE, type Sighting, sightings } from "./service.ts";

/** RFC 6762 §5.2: between the first two queries at least one second, then each time twice as long, */
const FIRST_INTERVAL = 1_000;
/** up to an hour; peers announce themselves too, so a minute is often enough and finds what was missed. */
const MAX_INTERVAL = 60_000;

export interface BrowserOptions {
  readonly settings: MdnsSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onSighting: (sighting: Sighting) => void;
}

/** Asks for peers by multicast DNS, and hears those that announce themselves. */
export class Browser implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #socket: MdnsSocket;
  #timer: Timer | undefined;

  private constructor(clock: Clock, socket: MdnsSocket) {
    this.#clock = clock;
    this.#socket = socket;
    this.#ask(FIRST_INTERVAL);
  }

  /** @throws ConnectionError if the interface cannot be used. */
  static async start({ settings, clock, logger, onSighting }: BrowserOptions): Promise<Browser> {
    const socket = await openMdnsSocket({
      ...{ settings, logger },
      onPacket: (packet) => sightings(packet, settings.networkId).forEach(onSighting),
    });
    return new Browser(clock, socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel();
    await this.#socket.close();
  }

  #ask(interval: number): void {
    this.#socket.ask(SERVICE);
    const next = Math.min(MAX_INTERVAL, 2 * interval);
    this.#timer = this.#clock.setTimeout(() => this.#ask(next), interval);
  }
}
