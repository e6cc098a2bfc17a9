import type { DeliveryCloseCode } from "./close-codes.ts";
import type { ServerFrame } from "./frames.ts";

/** A client's connection as delivery needs it; WebSockets are the one kind there is. */
export interface Connection {
  /** Sends the frame; ignored once the connection has ended. */
  send(frame: ServerFrame): void;
  /** What was sent and has not left this machine. */
  readonly bufferedBytes: number;
  /** Ends it, telling why. Ending twice is once. */
  close(code: DeliveryCloseCode, reason: string): void;
}
