import { ProtocolError } from "@net/core";

/** One event of a stream of `text/event-stream` (HTML, "Server-sent events"). `T` is what its data is as JSON. */
export class ServerSentEvent<T = unknown> {
  /** Its type; `message` where the server says none. */
  readonly event: string;
  /** Its lines, joined by line feeds. */
  readonly data: string;
  /** The last id the server gave, with this event or before; empty if none. */
  readonly id: string;

  constructor(event: string, data: string, id: string) {
    this.event = event;
    this.data = data;
    this.id = id;
  }

  /** The data's value. @throws ProtocolError if it is not JSON. */
  json(): T {
    try {
      return JSON.parse(this.data) as T;
    } catch (cause) {
      throw new ProtocolError(`the data of an event of type ${this.event} is not JSON`, { cause });
    }
  }
}

const anyLineEnd = /[\r\n]/;
const lineEnd = /\r\n|\n|\r/g;
const digits = /^\d{1,9}$/;

/** Makes events of text, in whatever pieces it comes. */
export class EventStreamParser {
  /** The last id the server gave. */
  lastEventId: string;
  /** How long to wait before connecting again, in ms, if the server said so. */
  retryMs: number | undefined;
  readonly #maxEventBytes: number;
  #pending: string[] = [];
  #pendingLength = 0;
  #event = "";
  #data = "";
  #hasData = false;
  #id: string;
  #isFirst = true;

  /**
   * @param maxEventBytes a longer event is refused; its characters are counted.
   * @param lastEventId the one from before, if this goes on where another stream ended.
   */
  constructor(maxEventBytes: number, lastEventId = "") {
    this.#maxEventBytes = maxEventBytes;
    this.#id = lastEventId;
    this.lastEventId = lastEventId;
  }

  /** The events that this piece completes. @throws ProtocolError (`FRAME_TOO_LARGE`) on an event without end. */
  push(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    this.#pending.push(this.#withoutMark(text));
    this.#pendingLength += text.length;
    // A long line in small pieces is put together once, at its end.
    if (anyLineEnd.test(text)) this.#read(events);
    if (this.#pendingLength + this.#data.length > this.#maxEventBytes) throw this.#tooLarge();
    return events;
  }

  #read(events: ServerSentEvent[]): void {
    const all = this.#pending.length === 1 ? (this.#pending[0] ?? "") : this.#pending.join("");
    const end = all.includes("\r") ? this.#anyLines(all, events) : this.#lines(all, events);
    const rest = end === all.length ? "" : all.slice(end);
    this.#pending = rest === "" ? [] : [rest];
    this.#pendingLength = rest.length;
  }

  /** Where the last whole line ends. Almost every server ends lines by a line feed alone: that is the quick way. */
  #lines(text: string, events: ServerSentEvent[]): number {
    let start = 0;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", start)) {
      this.#line(text, start, at, events);
      start = at + 1;
    }
    return start;
  }

  #anyLines(text: string, events: ServerSentEvent[]): number {
    let start = 0;
    for (const { 0: mark, index } of text.matchAll(lineEnd)) {
      // A carriage return at the very end may be half of a CR LF.
      if (mark === "\r" && index === text.length - 1) break;
      this.#line(text, start, index, events);
      start = index + mark.length;
    }
    return start;
  }

  #line(text: string, start: number, end: number, events: ServerSentEvent[]): void {
    if (start === end) {
      this.#dispatch(events);
      return;
    }
    if (text.startsWith("data:", start)) {
      this.#addData(text.slice(afterColon(text, start + 5, end), end));
      return;
    }
    const colon = text.indexOf(":", start);
    // A line that begins with a colon is a comment: its name is empty, and means nothing.
    if (colon === -1 || colon > end) this.#field(text.slice(start, end), "");
    else this.#field(text.slice(start, colon), text.slice(afterColon(text, colon + 1, end), end));
  }

  #field(name: string, value: string): void {
    if (name === "data") this.#addData(value);
    else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && digits.test(value)) this.retryMs = Number(value);
  }

  #addData(value: string): void {
    this.#data = this.#hasData ? `${this.#data}\n${value}` : value;
    this.#hasData = true;
  }

  #dispatch(events: ServerSentEvent[]): void {
    this.lastEventId = this.#id;
    if (this.#hasData) {
      events.push(new ServerSentEvent(this.#event || "message", this.#data, this.#id));
    }
    this.#event = "";
    this.#data = "";
    this.#hasData = false;
  }

  #withoutMark(text: string): string {
    if (!this.#isFirst || text === "") return text;
    this.#isFirst = false;
    return text.startsWith("\uFEFF") ? text.slice(1) : text;
  }

  #tooLarge(): ProtocolError {
    return new ProtocolError(`an event is over ${this.#maxEventBytes} bytes`, {
      code: "FRAME_TOO_LARGE",
    });
  }
}

function afterColon(text: string, at: number, end: number): number {
  return at < end && text.charCodeAt(at) === 32 ? at + 1 : at;
}

/** The events of a body as it comes, those of one piece together: a promise for each costs more than its parsing. */
export async function* batchesOf(
  chunks: AsyncIterable<Uint8Array>,
  parser: EventStreamParser,
): AsyncGenerator<readonly ServerSentEvent[], void, undefined> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for await (const chunk of chunks) {
    yield parser.push(decoder.decode(chunk, { stream: true }));
  }
}

/** The events of a body as it comes. */
export async function* eventsOf(
  chunks: AsyncIterable<Uint8Array>,
  parser: EventStreamParser,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  for await (const batch of batchesOf(chunks, parser)) {
    for (const event of batch) yield event;
  }
}
