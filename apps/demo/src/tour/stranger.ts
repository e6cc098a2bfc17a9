import { randomBytes } from "node:crypto";
import { DeviceDiscovery, PeerNetwork } from "@net/p2p";

/** A peer of somebody else's network on the same wire: it announces itself like the others. */
export class Stranger implements AsyncDisposable {
  readonly peerId: string;
  readonly networkId: string = `stranger-${randomBytes(6).toString("hex")}`;
  readonly #network: PeerNetwork;

  private constructor() {
    this.peerId = this.networkId;
    const { peerId, networkId } = this;
    this.#network = new PeerNetwork({ peerId, networkId, port: 0, discovery: { mdns: true } });
  }

  static async start(signal: AbortSignal): Promise<Stranger> {
    const stranger = new Stranger();
    await stranger.#network.start({ signal });
    return stranger;
  }

  /** Resolves when somebody who looks for the stranger's network has heard it: its records are really out there. */
  async heard(signal: AbortSignal): Promise<void> {
    const discovery = new DeviceDiscovery({ mdns: { networkId: this.networkId } });
    for await (const { peerId } of discovery.nodes(signal)) if (peerId === this.peerId) return;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network.stop();
  }
}
