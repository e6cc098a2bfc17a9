import {
  AuthenticationError,
  abortedError,
  type Clock,
  ClosedError,
  deadline,
  type Link,
  type Listener,
  OverloadedError,
  onAbort,
  systemClock,
  throwIfAborted,
} from "@net/core";
import { type DeviceCertificate, DeviceIdentity } from "@net/core/identity";
import { isProof, makeCode, proofOf } from "./code.ts";
import { formatInvitation } from "./invitation.ts";
import { encodeGrant, type PairingRequest, readRequest } from "./messages.ts";
import type { OfferPairingOptions, PairingOffer } from "./offer-options.ts";
import { assertOfferOptions } from "./option-rules.ts";
import { type PairingLink, pairingLink } from "./pairing-link.ts";

/** How long an offer stands, in ms, unless it says otherwise: time to walk to the other device and type. */
const DEFAULT_LIFETIME = 5 * 60_000;
/** For everything that is said on one link, in ms. */
const LINK_TIMEOUT = 10_000;
/** Nobody mistypes a code three times and finds the device it is for; somebody guesses. */
const MAX_WRONG_CODES = 3;
const MAX_LINKS = 4;

/**
 * Lets one new device in: it proves that it knows the code, and gets a certificate of the owner. The code is worth
 * nothing to somebody in between, and nothing a second time.
 *
 * `paired` rejects with NetworkTimeoutError `DEADLINE_EXCEEDED`, AbortedError, ClosedError, or AuthenticationError after three wrong codes.
 *
 * @throws ValidationError; as the transport's `listen`; NetworkTimeoutError `DEADLINE_EXCEEDED`, AbortedError if it takes too long. Then nothing is left open.
 * @example
 * ```ts
 * await using offer = await offerPairing({ owner, trust, transport, listenAddress: "ws://192.168.1.2:0" });
 * console.log(`type ${offer.code} at the new device, or show it ${offer.invitation}`);
 * console.log(`${(await offer.paired).name} is one of yours now`);
 * ```
 */
export async function offerPairing(options: OfferPairingOptions): Promise<PairingOffer> {
  const offer = new Offer(options);
  await offer.listen();
  return offer;
}

class Offer implements PairingOffer {
  readonly code: string = makeCode();
  readonly paired: Promise<DeviceCertificate>;
  readonly #options: OfferPairingOptions;
  readonly #clock: Clock;
  readonly #identity: DeviceIdentity;
  readonly #paired = Promise.withResolvers<DeviceCertificate>();
  readonly #limit: ReturnType<typeof deadline>;
  readonly #onOver: Disposable;
  #listener: Listener | undefined;
  #links = 0;
  #wrongCodes = 0;
  #isTaken = false;

  constructor(options: OfferPairingOptions) {
    assertOfferOptions(options);
    const { lifetime = DEFAULT_LIFETIME, clock = systemClock, signal } = options;
    this.#options = options;
    this.#clock = clock;
    this.#identity = options.identity ?? DeviceIdentity.generate();
    this.paired = this.#paired.promise;
    // Whoever waits for it learns it.
    this.paired.catch(() => {});
    this.#limit = deadline(lifetime, signal, { clock });
    const over = this.#limit.signal;
    this.#onOver = onAbort(over, () => void this.#end(abortedError(over)));
  }

  get address(): string {
    return this.#listener?.address ?? "";
  }

  get invitation(): string {
    return formatInvitation({ address: this.address, code: this.code });
  }

  async listen(): Promise<void> {
    const { transport, listenAddress } = this.#options;
    const { signal } = this.#limit;
    try {
      const accept = (link: Link): void => void this.#meet(link);
      this.#listener = await transport.listen(listenAddress, accept, { signal });
      throwIfAborted(signal);
    } catch (error) {
      await this.#end(error);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#end(new ClosedError("the offer to pair was closed"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #end(error: unknown): Promise<void> {
    this.#onOver[Symbol.dispose]();
    this.#limit[Symbol.dispose]();
    this.#paired.reject(error);
    await this.#listener?.close();
  }

  async #meet(below: Link): Promise<void> {
    if (this.#links >= MAX_LINKS) return below.abort({ code: "overloaded" });
    this.#links++;
    try {
      using limit = deadline(LINK_TIMEOUT, this.#limit.signal, { clock: this.#clock });
      const { signal } = limit;
      const link = await pairingLink(below, {
        role: "responder",
        identity: this.#identity,
        signal,
      });
      await this.#pair(link, signal);
    } catch {
      // Whoever came has been told, and may come again.
      below.abort();
    } finally {
      this.#links--;
    }
  }

  async #pair(link: PairingLink, signal: AbortSignal): Promise<void> {
    try {
      const request = readRequest(await link.next(signal));
      this.#assertCode(request, link);
      link.send(this.#grant(request, link));
      await link.close();
    } catch (error) {
      await link.refuse(error);
      throw error;
    }
  }

  #assertCode({ proof }: PairingRequest, { channel }: PairingLink): void {
    if (this.#isTaken) throw new OverloadedError("another device was paired by this code");
    if (isProof(proof, this.code, "device", channel)) return;
    const error = new AuthenticationError("the code is wrong");
    if (++this.#wrongCodes >= MAX_WRONG_CODES) {
      this.#isTaken = true;
      queueMicrotask(
        () => void this.#end(new AuthenticationError("wrong codes were tried: make a new offer")),
      );
    }
    throw error;
  }

  #grant(request: PairingRequest, { channel, device }: PairingLink): Uint8Array {
    const { owner, trust, name = (asked) => asked } = this.#options;
    const certificate = owner.certify({ device, name: name(request.name) });
    trust.accept(certificate.text, device);
    this.#isTaken = true;
    this.#paired.resolve(certificate);
    queueMicrotask(() => void this.#end(undefined));
    const proof = proofOf(this.code, "owner", channel);
    const { statements } = trust;
    return encodeGrant({
      proof,
      owner: owner.publicKey,
      certificate: certificate.text,
      statements,
    });
  }
}
