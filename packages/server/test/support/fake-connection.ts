import type { Connection } from "../../src/delivery/connection.ts";
import type { ServerFrame } from "../../src/delivery/frames.ts";

/** A connection whose client does nothing by itself. */
export class FakeConnection implements Connection {
  readonly sent: ServerFrame[] = [];
  bufferedBytes = 0;
  closedWith: number | undefined;

  send(frame: ServerFrame): void {
    this.sent.push(frame);
  }

  close(code: number): void {
    this.closedWith ??= code;
  }

  get numbers(): readonly number[] {
    return this.sent.flatMap((frame) => (frame.kind === "message" ? [frame.seq] : []));
  }
}
