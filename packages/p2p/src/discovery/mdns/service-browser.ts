import type { Clock, Rng } from "@net/core";
import type { MdnsChannel } from "./channel.ts";
import type { DnsPacket, Sender } from "./dns.ts";
import { LinkBrowser, type ServiceInstance } from "./link-browser.ts";
import type { MdnsListener, MdnsMedium } from "./medium.ts";

export interface ServiceBrowserOptions {
  readonly medium: MdnsMedium;
  /** `_net._tcp.local` */
  readonly service: string;
  readonly clock: Clock;
  readonly rng: Rng;
  /** @param via names the link and the instance on it. */
  readonly onFound: (via: string, instance: ServiceInstance) => void;
  readonly onLost: (via: string) => void;
}

interface OnLink {
  readonly browser: LinkBrowser;
  /** What was found there. */
  readonly found: Set<string>;
}

/** Finds the instances of a service on every link that this machine has. */
export class ServiceBrowser implements AsyncDisposable, MdnsListener {
  readonly #options: ServiceBrowserOptions;
  readonly #links = new Map<MdnsChannel, OnLink>();
  #presence: AsyncDisposable | undefined;
  #isOver = false;

  private constructor(options: ServiceBrowserOptions) {
    this.#options = options;
  }

  /** @throws ConnectionError if no interface can be used. */
  static async start(options: ServiceBrowserOptions): Promise<ServiceBrowser> {
    const browser = new ServiceBrowser(options);
    browser.#presence = await options.medium(browser);
    return browser;
  }

  onChannel(channel: MdnsChannel): void {
    if (this.#isOver) return;
    const { service, clock, rng, onFound, onLost } = this.#options;
    const found = new Set<string>();
    const via = (name: string): string => `${channel.netInterface.key} ${name.toLowerCase()}`;
    const browser = new LinkBrowser({
      ...{ service, clock, rng },
      // Whoever searches waits for it; an interface that comes up later may have come up for many.
      isAtOnce: this.#presence === undefined,
      send: (packet) => void channel.send(packet),
      askAlone: (packet) => void channel.askAlone(packet),
      onFound: (instance) => {
        found.add(via(instance.name));
        onFound(via(instance.name), instance);
      },
      onLost: (name) => {
        found.delete(via(name));
        onLost(via(name));
      },
    });
    this.#links.set(channel, { browser, found });
  }

  onGone(channel: MdnsChannel): void {
    const link = this.#links.get(channel);
    this.#links.delete(channel);
    link?.browser[Symbol.dispose]();
    for (const via of link?.found ?? []) this.#options.onLost(via);
  }

  onPacket(packet: DnsPacket, _sender: Sender, channel: MdnsChannel): void {
    this.#links.get(channel)?.browser.handle(packet);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const { browser } of this.#links.values()) browser[Symbol.dispose]();
    this.#links.clear();
    await this.#presence?.[Symbol.asyncDispose]();
  }
}
