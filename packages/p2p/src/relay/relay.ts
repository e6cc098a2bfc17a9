import { type Clock, type Logger, NetworkError, ProtocolError } from "@net/core";
import type { Channel } from "../channel/channel.ts";
import type { LinkTable } from "../links/link-table.ts";
import { noRoute } from "../mesh/routes.ts";
import { BULK_FRAME_BYTES } from "../secure/open-batch.ts";
import type { Frame } from "../wire/frame.ts";
import { decodeNotice, encodeNotice, type Notice } from "../wire/notice.ts";
import { decodeRouted, nextHop, type Routed, RoutedFlag } from "../wire/routed.ts";
import { RelayQuota, type RelayQuotaOptions } from "./relay-quota.ts";
import { typeOf } from "./route-link.ts";

export interface RelayOptions {
  /** This peer. */
  readonly self: string;
  readonly links: LinkTable;
  /** Whether frames of others are passed on. */
  readonly relay: boolean;
  readonly quota: Omit<RelayQuotaOptions, "clock">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes a frame for this peer. Must not throw: what is wrong with it is not the neighbour's fault. */
  readonly arrived: (routed: Routed, from: Channel) => void;
  readonly noticed: (notice: Notice, from: Channel) => void;
}

/** Passes on frames of others, and keeps nothing of what it has passed on. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #quota: RelayQuota;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#quota = new RelayQuota({ ...options.quota, clock: options.clock });
  }

  close(): void {
    this.#quota.close();
  }

  /** That neighbour is gone. */
  forget(neighbour: string): void {
    this.#quota.forget(neighbour);
  }

  /**
   * A routed frame came over a link.
   *
   * @param release to be called when it takes no room here any more.
   * @returns whether it takes none already.
   * @throws ProtocolError if the neighbour must not have sent it.
   */
  routed(from: Channel, frame: Uint8Array, release: () => void): boolean {
    const routed = decodeRouted(frame);
    this.#assertOnPath(routed, from);
    if (routed.hop === routed.path.length - 1) {
      this.#options.arrived(routed, from);
      return true;
    }
    try {
      return this.#passOn(from, routed, frame, release);
    } catch (error) {
      this.#refuse(routed, error);
      return true;
    }
  }

  /** @throws ProtocolError if the neighbour must not have sent it. */
  notice(from: Channel, frame: Frame): void {
    const notice = decodeNotice(frame);
    this.#assertOnPath(notice, from);
    if (notice.hop === notice.path.length - 1) this.#options.noticed(notice, from);
    else this.#tell({ ...notice, hop: notice.hop + 1 });
  }

  #assertOnPath({ path, hop }: Pick<Routed, "path" | "hop">, { peerId }: Channel): void {
    if (path[hop] === this.#options.self && path[hop - 1] === peerId) return;
    throw new ProtocolError(`a frame came from ${peerId} that is on another way`);
  }

  #passOn(from: Channel, routed: Routed, frame: Uint8Array, release: () => void): boolean {
    const { self, relay, links } = this.#options;
    const next = routed.path[routed.hop + 1] as string;
    const destination = routed.path.at(-1) as string;
    if (!relay) throw noRoute(destination, `no way through ${self}, which does not relay`);
    const link = links.get(next);
    if (!link) throw noRoute(destination, `no link from ${self} to ${next}`);
    const isBulk = (routed.flags & RoutedFlag.bulk) !== 0;
    const forward = (): void => {
      link.forward(nextHop(frame), typeOf(isBulk), release);
      // Somebody waits for an answer, and of such a size it gains nothing by company. Bulk does: chunks share batches.
      if (!isBulk && frame.byteLength >= BULK_FRAME_BYTES) link.flush();
    };
    this.#quota.pass(from.peerId, frame.byteLength, forward, (error) => {
      release();
      this.#refuse(routed, error);
    });
    return false;
  }

  /** Whoever waits for an answer must not wait for one that cannot come. */
  #refuse(routed: Routed, error: unknown): void {
    if (!NetworkError.is(error)) throw error;
    const { path, hop, session, flags } = routed;
    this.#options.logger.debug({ path, error }, "a frame was not passed on");
    if ((flags & RoutedFlag.end) !== 0) return;
    this.#tell({ hop: 1, path: path.slice(0, hop + 1).reverse(), session, error });
  }

  #tell(notice: Notice): void {
    try {
      this.#options.links
        .get(notice.path[notice.hop] as string)
        ?.offerFrame(encodeNotice(notice), "control");
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      this.#options.logger.debug({ path: notice.path, error }, "nor could its sender be told");
    }
  }
}
