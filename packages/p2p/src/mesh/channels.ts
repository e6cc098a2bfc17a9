import type { Channel } from "../channel/channel.ts";
import type { LinkTable } from "../links/link-table.ts";
import type { Sessions } from "../relay/sessions.ts";
import type { Routes } from "./routes.ts";

/** The way to every peer: the link to a neighbour, a session with one behind relays. */
export class Channels {
  readonly #links: LinkTable;
  readonly #sessions: Sessions;
  readonly #routes: Routes;

  constructor(links: LinkTable, sessions: Sessions, routes: Routes) {
    this.#links = links;
    this.#sessions = sessions;
    this.#routes = routes;
  }

  /**
   * What there is already: no way is better at the moment.
   *
   * @param bulk whether what goes over it is not urgent: through relays that goes over a session of its own.
   */
  get(peerId: string, bulk: boolean): Channel | undefined {
    const link = this.#links.get(peerId);
    if (link && !this.#routes.isBetterThanLink(peerId)) return link;
    return this.#sessions.get(peerId, bulk);
  }

  /**
   * As {@link Channels.get}, or a new session.
   *
   * @throws NetworkError `NO_ROUTE`; AuthenticationError, PermissionError, ConnectionError, NetworkTimeoutError; AbortedError.
   */
  async open(peerId: string, bulk: boolean, signal: AbortSignal): Promise<Channel> {
    const known = this.get(peerId, bulk);
    if (known) return known;
    try {
      return await this.#sessions.open(peerId, bulk, signal);
    } catch (error) {
      const link = this.#links.get(peerId);
      if (link && !signal.aborted) return link;
      throw error;
    }
  }
}
