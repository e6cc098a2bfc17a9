import {
  type Clock,
  type Logger,
  type Rng,
  systemRng,
  type Timer,
  throwIfAborted,
  ValidationError,
} from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import { hostAndPort } from "../address.ts";
import { AnnouncedRecord } from "./announced-record.ts";
import { BroadcastResponder } from "./broadcast/broadcast-responder.ts";
import type { BroadcastSettings } from "./broadcast/options.ts";
import { listInterfaces, type NetInterface, selectInterfaces } from "./interfaces/net-interface.ts";
import type { MdnsMedium } from "./mdns/medium.ts";
import { systemMedium } from "./mdns/medium.ts";
import { ServicePublisher } from "./mdns/publisher.ts";
import type { MdnsSettings } from "./mdns-options.ts";
import { isReachableFrom, listensEverywhere, reachableAddresses } from "./reachable.ts";
import { isDialAddress } from "./record/peer-record.ts";
import type { Rendezvous } from "./rendezvous/rendezvous.ts";
import { RendezvousPublisher } from "./rendezvous/rendezvous-publisher.ts";
import { hostAddresses, hostName, namesOf, recordsOf } from "./service.ts";

/** How often it is looked whether the record is still good, in ms, */
const RENEW_INTERVAL = 60_000;
/** and whether its addresses are those of the interfaces, where it has these. */
const ADDRESSES_INTERVAL = 2_000;

/** A peer as it is announced. */
export interface Announced {
  readonly networkId: string;
  readonly peerId: string;
  readonly peerName: string;
  /** Where it listens; at `0.0.0.0` or `[::]` it is announced under the addresses of the interfaces. */
  readonly address: string;
}

export interface AnnouncerOptions {
  readonly peer: Announced;
  /** Signs what is announced; without it, nobody who finds the peer can tell whether it is so. */
  readonly identity?: DeviceIdentity;
  /** By multicast DNS. */
  readonly settings?: MdnsSettings | undefined;
  /** By answering UDP broadcasts. */
  readonly broadcast?: BroadcastSettings | undefined;
  /** With whoever holds records; needs an `identity`. */
  readonly rendezvous?: Rendezvous | undefined;
  /** Ends the start, not what was started. */
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
  readonly rng?: Rng;
  readonly logger: Logger;
  /** Where multicast DNS is spoken, for tests. Default: this machine's interfaces. */
  readonly medium?: MdnsMedium;
}

/** Tells others that a peer is here, when it comes, when somebody asks, and when it leaves. */
export class Announcer implements AsyncDisposable {
  readonly #options: AnnouncerOptions;
  readonly #record: AnnouncedRecord;
  readonly #port: number;
  #mdns: ServicePublisher | undefined;
  #broadcast: BroadcastResponder | undefined;
  #rendezvous: RendezvousPublisher | undefined;
  #timer: Timer | undefined;
  #closed: Promise<void> | undefined;

  private constructor(options: AnnouncerOptions) {
    const { peer, identity, clock } = options;
    this.#options = options;
    this.#port = hostAndPort(peer.address)?.port ?? 0;
    const addresses = (): readonly string[] => reachableAddresses(peer.address, wantedOf(options));
    this.#record = new AnnouncedRecord({ identity, clock, peer, addresses });
  }

  /** @throws ValidationError if the peer cannot be announced; ConnectionError if no interface can be used; AbortedError. */
  static async start(options: AnnouncerOptions): Promise<Announcer> {
    throwIfAborted(options.signal);
    assertAnnounceable(options);
    const announcer = new Announcer(options);
    try {
      await announcer.#start();
      throwIfAborted(options.signal);
      return announcer;
    } catch (error) {
      await announcer.close();
      throw error;
    }
  }

  /** Resolves when the peer's name is its own and was announced by multicast DNS; at once without that, or when closed. */
  get announced(): Promise<void> {
    return this.#mdns?.announced ?? Promise.resolve();
  }

  /** The name by which multicast DNS knows the peer: its own, or with a number if somebody else had it. */
  get instance(): string | undefined {
    return this.#mdns?.names.instance;
  }

  /** Says goodbye, so that others forget the peer at once. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #start(): Promise<void> {
    const { settings, broadcast, rendezvous, clock, rng = systemRng, logger, peer } = this.#options;
    if (settings) this.#mdns = await this.#startMdns(settings, rng);
    if (broadcast) {
      const record = (): Uint8Array => this.#record.bytes;
      const { networkId } = peer;
      this.#broadcast = await BroadcastResponder.start({
        ...{ settings: broadcast, networkId, record, clock, logger },
      });
    }
    if (rendezvous) {
      this.#rendezvous = new RendezvousPublisher({ rendezvous, clock, rng, logger });
      this.#rendezvous.publish(this.#record.bytes);
    }
    const interval = listensEverywhere(peer.address) ? ADDRESSES_INTERVAL : RENEW_INTERVAL;
    this.#timer = clock.setInterval(() => this.#renew(), interval, { background: true });
  }

  async #startMdns(settings: MdnsSettings, rng: Rng): Promise<ServicePublisher> {
    const { clock, logger, peer, medium } = this.#options;
    const { interfaces, port } = settings;
    return await ServicePublisher.start({
      ...{ port, clock, rng, logger, hostName, names: namesOf(peer) },
      medium: medium ?? systemMedium({ interfaces, port, clock, logger }),
      describe: (names, netInterface) => {
        // An interface that comes may bring addresses of its own.
        if (this.#record.renew()) queueMicrotask(() => this.#tell());
        const { bytes, addresses } = this.#record;
        if (!isReachableFrom(netInterface, addresses)) return [];
        return recordsOf(bytes, this.#port, names, hostAddresses(netInterface, addresses));
      },
    });
  }

  #renew(): void {
    if (this.#record.renew()) this.#tell();
  }

  /** The record is another one now. */
  #tell(): void {
    if (this.#closed) return;
    this.#mdns?.update();
    this.#rendezvous?.publish(this.#record.bytes);
  }

  async #end(): Promise<void> {
    this.#timer?.cancel();
    const goodbye = this.#record.withdraw();
    await Promise.all([
      this.#mdns?.close(),
      this.#broadcast?.[Symbol.asyncDispose](),
      goodbye && this.#rendezvous?.close(goodbye.bytes),
    ]);
  }
}

/** The interfaces whose addresses are told: all that a rendezvous reaches, else those that hear of the peer. */
function wantedOf({
  settings,
  broadcast,
  rendezvous,
}: AnnouncerOptions): readonly string[] | "all" {
  const used = [settings, broadcast].flatMap((each) => each?.interfaces ?? []);
  return rendezvous || used.includes("all") ? "all" : used;
}

function assertAnnounceable(options: AnnouncerOptions): void {
  const { peer, identity, rendezvous } = options;
  if (!isDialAddress(peer.address)) {
    throw new ValidationError(`${peer.address} cannot be announced: it has no host and port`);
  }
  if (rendezvous && !identity) {
    throw new ValidationError(
      "a rendezvous takes signed records only: give the announcer an identity",
    );
  }
  if (options.medium) return;
  const wanted = wantedOf(options);
  const through = selectInterfaces(listInterfaces(), wanted);
  const addresses = reachableAddresses(peer.address, wanted);
  const isHeard = (each: NetInterface): boolean => isReachableFrom(each, addresses);
  if (rendezvous || through.length === 0 || through.some(isHeard)) return;
  throw new ValidationError(
    `${peer.address} cannot be announced on ${through[0]?.name}: only this machine can dial it`,
  );
}
