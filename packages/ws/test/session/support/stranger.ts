import type { Link } from "@net/core";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A client that speaks the wire itself, so that it can break its rules, or not read. */
export class Stranger {
  readonly link: Link;
  readonly envelopes: { readonly kind: string; readonly [field: string]: unknown }[] = [];
  bytes = 0;
  isEnded = false;

  constructor(link: Link) {
    this.link = link;
    link.receive((frame) => {
      this.bytes += frame.byteLength;
      this.envelopes.push(...JSON.parse(decoder.decode(frame)));
    });
    void link.closed.then(() => {
      this.isEnded = true;
    });
  }

  hello(terms: Readonly<Record<string, unknown>> = {}): void {
    const fields = {
      kind: "hello",
      version: 2,
      session: "stranger",
      acked: 0,
      head: 0,
      cursor: 0,
      received: 0,
      windowMessages: 256,
      windowBytes: 524_288,
      maxMessageBytes: 262_144,
      pingMs: 15_000,
      ...terms,
    };
    this.say(JSON.stringify(fields));
  }

  /** Envelopes, in one frame. A link that is full or over takes none. */
  say(...envelopes: readonly string[]): void {
    try {
      this.link.send(encoder.encode(`[${envelopes.join(",")}]`));
    } catch {
      this.link.abort();
    }
  }

  /** How many of that kind came. */
  heard(kind: string): number {
    return this.envelopes.filter((each) => each.kind === kind).length;
  }
}
