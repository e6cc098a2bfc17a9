import { onAbort } from "../../abort/aborted.ts";
import type { Acceptor, Dialer, Link } from "../../link/transport.ts";

export interface LinkLimits {
  readonly maxFrameBytes?: number;
  readonly highWaterMark?: number;
}

/** Somebody to dial who can be made to hang or to die. Listening is done by the suite. */
export interface FaultyWay extends AsyncDisposable {
  /** The address through which the listener is reached. */
  readonly address: string;
  /** From now on nothing gets through, and nobody says so. */
  freeze(): void;
  /** The connections die without a word. */
  cut(): void;
}

/** What the suite needs to know about a transport. */
export interface TransportHarness {
  /** A new transport with these limits. */
  transport(limits?: LinkLimits): Dialer & Acceptor;
  /** Where a case may listen: port 0, or a fresh name. */
  listenAddress(): string;
  /** An address of the right grammar where nobody listens. */
  refusedAddress(): string;
  /** Addresses that break the scheme's grammar. */
  readonly badAddresses: readonly string[];
  /** True if the two ends of a link may have different limits. Default true. */
  readonly limitsPerEnd?: boolean;
  /** A faulty way to the listener at `address`, made by that transport. */
  faultyWay(transport: Dialer & Acceptor, address: string): Promise<FaultyWay>;
}

/** One promise of the contract; `run` rejects if it does not hold. */
export interface ConformanceCase {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

/** A case that still needs the transport. */
export type Scenario = (harness: TransportHarness, signal: AbortSignal) => Promise<void>;

/** Two open ends of one link, and who listens. */
export interface Pair extends AsyncDisposable {
  readonly dialler: Link;
  readonly acceptor: Link;
  readonly address: string;
}

export interface PairOptions {
  readonly limits?: LinkLimits;
  /** Other limits for the accepting end. */
  readonly acceptorLimits?: LinkLimits;
}

export async function openPair(
  harness: TransportHarness,
  signal: AbortSignal,
  { limits, acceptorLimits }: PairOptions = {},
): Promise<Pair> {
  const transport = harness.transport(limits);
  const listening = acceptorLimits ? harness.transport(acceptorLimits) : transport;
  const accepted = Promise.withResolvers<Link>();
  const listener = await listening.listen(harness.listenAddress(), accepted.resolve, { signal });
  const dialler = await transport.dial(listener.address, { signal });
  const acceptor = await accepted.promise;
  return {
    dialler,
    acceptor,
    address: listener.address,
    [Symbol.asyncDispose]: async () => {
      dialler.abort();
      acceptor.abort();
      await listener.close();
    },
  };
}

/** A pair whose way can be frozen and cut. */
export async function openFaultyPair(
  harness: TransportHarness,
  signal: AbortSignal,
  limits?: LinkLimits,
): Promise<Pair & { readonly way: FaultyWay }> {
  const transport = harness.transport(limits);
  const accepted = Promise.withResolvers<Link>();
  const listener = await transport.listen(harness.listenAddress(), accepted.resolve, { signal });
  const way = await harness.faultyWay(transport, listener.address);
  const dialler = await transport.dial(way.address, { signal });
  const acceptor = await accepted.promise;
  return {
    dialler,
    acceptor,
    address: listener.address,
    way,
    [Symbol.asyncDispose]: async () => {
      dialler.abort();
      acceptor.abort();
      await listener.close();
      await way[Symbol.asyncDispose]();
    },
  };
}

/** Collects the frames of a link, and waits for a number of them. */
export class Inbox {
  readonly frames: Uint8Array[] = [];
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(link: Link, onFrame?: (frame: Uint8Array) => void) {
    link.receive((frame) => {
      this.frames.push(frame);
      onFrame?.(frame);
      for (const { count, resolve } of this.#waiting) if (this.frames.length >= count) resolve();
    });
  }

  async until(count: number, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (this.frames.length >= count) resolve();
    this.#waiting.push({ count, resolve });
    const given = (): void =>
      reject(new Error(`only ${this.frames.length} of ${count} frames came`));
    using _listener = onAbort(signal, given);
    await promise;
    return this.frames;
  }
}

/** A frame of `size` bytes that says which one it is. */
export function numbered(index: number, size = 4): Uint8Array {
  const frame = new Uint8Array(Math.max(4, size));
  new DataView(frame.buffer).setUint32(0, index);
  return frame;
}

export function numberOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(0);
}
