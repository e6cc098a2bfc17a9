import { EventStreamParser, eventsOf, type ServerSentEvent } from "../stream/event-stream.ts";
import type { ApiStreamResponse } from "./http.ts";

/** A longer event is refused. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/**
 * The events of one answer, for one reader; `T` is what the data of each is, as the description says. Leaving the loop
 * ends the answer; so does disposing of it, for whoever does not read it.
 *
 * @example
 * ```ts
 * for await (const event of data) process.stdout.write(event.json().text);
 * ```
 */
export class ApiEvents<T = unknown> implements AsyncIterable<ServerSentEvent<T>>, AsyncDisposable {
  readonly #response: ApiStreamResponse;

  constructor(response: ApiStreamResponse) {
    this.#response = response;
  }

  [Symbol.asyncIterator](): AsyncIterator<ServerSentEvent<T>> {
    const events = eventsOf(this.#response, new EventStreamParser(MAX_EVENT_BYTES));
    // That the data is as described is the server's promise.
    return events[Symbol.asyncIterator]() as AsyncIterator<ServerSentEvent<T>>;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#response[Symbol.asyncDispose]());
  }
}
