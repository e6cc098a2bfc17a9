import { type ClosedError, type JsonValue, ValidationError } from "@net/core";
import type { ExchangeSettings } from "../options.ts";
import { Publications, type PublishOptions } from "../publications.ts";
import { isName } from "../wire/decode.ts";
import { MAX_NAME_LENGTH } from "../wire/limits.ts";

type Settings = Pick<
  ExchangeSettings<unknown, unknown>,
  "store" | "maxMessageBytes" | "maxWaiting"
>;

/** What a server publishes, to sessions with and without a link. One that waits for nothing takes no memory. */
export class Mailboxes {
  readonly #settings: Settings;
  readonly #wake: (session: string) => void;
  readonly #publications = new Map<string, Publications>();
  #end: ClosedError | undefined;

  /** @param wake called when the store has, or is about to have, new messages for a session. */
  constructor(settings: Settings, wake: (session: string) => void) {
    this.#settings = settings;
    this.#wake = wake;
  }

  async enqueue(session: string, body: JsonValue, options?: PublishOptions): Promise<void> {
    await this.#of(session).enqueue(body, options);
  }

  async publish(session: string, body: JsonValue, options?: PublishOptions): Promise<void> {
    await this.#of(session).publish(body, options);
  }

  /** The session's other end has committed these. */
  committed(session: string, ids: readonly string[]): void {
    this.#publications.get(session)?.committed(ids);
  }

  /** Nobody will deliver what waits. */
  end(error: ClosedError): void {
    this.#end = error;
    for (const publications of [...this.#publications.values()]) publications.end(error);
  }

  /** @throws ClosedError, ValidationError */
  #of(session: string): Publications {
    if (this.#end) throw this.#end;
    if (!isName(session)) {
      throw new ValidationError(`a session's id must have 1 to ${MAX_NAME_LENGTH} characters`);
    }
    return this.#publications.get(session) ?? this.#open(session);
  }

  #open(session: string): Publications {
    const publications = new Publications({
      ...this.#settings,
      session,
      onAppended: () => this.#wake(session),
      onIdle: () => this.#publications.delete(session),
    });
    this.#publications.set(session, publications);
    return publications;
  }
}
