import type { Clock } from "@net/core";
import { BufferedExchange } from "../wire/buffered-exchange.ts";
import { StreamedExchange } from "../wire/streamed-exchange.ts";
import type { Wire } from "../wire/wire.ts";
import type { Sender } from "./send.ts";

/** The innermost: one request on the wire. */
export function attempting(wire: Wire, clock: Clock): Sender {
  return (call, send) => {
    call.countAttempt();
    const Kind = call.settings.isStream ? StreamedExchange : BufferedExchange;
    return new Kind(call, send, clock).begin(wire);
  };
}
