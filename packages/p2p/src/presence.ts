import { hasHost, hostOf } from "./address.ts";
import { Announcer } from "./discovery/announcer.ts";
import type { PeerNetworkSettings } from "./options.ts";
import type { PeerNode } from "./peer-node.ts";

/** That others can find this peer: it listens, says so where it is to, and watches what its address depends on. */
export class Presence {
  readonly #settings: PeerNetworkSettings;
  readonly #node: PeerNode;
  #address: string | undefined;
  #announcer: Announcer | undefined;

  constructor(settings: PeerNetworkSettings, node: PeerNode) {
    this.#settings = settings;
    this.#node = node;
  }

  /** Where others dial this peer; undefined before it listens, and over a transport that only dials. */
  get address(): string | undefined {
    return this.#address;
  }

  /** @throws ConnectionError `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`; AbortedError. Then nothing is left open. */
  async begin(signal: AbortSignal | undefined): Promise<void> {
    const { transport, listenAddress } = this.#settings;
    const { links } = this.#node;
    if (transport.listen) this.#address = await links.listen(listenAddress, signal);
    try {
      await this.#announce(signal);
      await this.#startLifeline();
    } catch (error) {
      await this.end();
      await links.stopListening();
      this.#address = undefined;
      throw error;
    }
    if (hasHost(this.#address)) this.#node.watchAddresses();
  }

  /** Nobody is told of it any more. */
  async end(): Promise<void> {
    await this.#announcer?.close();
    this.#announcer = undefined;
  }

  async #announce(signal: AbortSignal | undefined): Promise<void> {
    const { discovery, networkId, peerId, peerName, identity, clock, rng, logger } = this.#settings;
    const { mdns, broadcast, rendezvous } = discovery;
    const isTold = mdns !== undefined || broadcast !== undefined || rendezvous !== undefined;
    if (!isTold || this.#address === undefined) return;
    this.#announcer = await Announcer.start({
      peer: { networkId: mdns?.networkId ?? networkId, peerId, peerName, address: this.#address },
      ...{ identity, settings: mdns, broadcast, rendezvous, signal, clock, rng, logger },
    });
  }

  async #startLifeline(): Promise<void> {
    const host = this.#address === undefined ? undefined : hostOf(this.#address);
    if (this.#settings.lifeline && host !== undefined) await this.#node.startLifeline(host);
  }
}
