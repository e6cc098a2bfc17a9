import type { JsonValue } from "@net/core";
import { madeId } from "../message-ids.ts";
import type { Msg, Run } from "../wire/envelope.ts";
import type { Item } from "./item.ts";

/** What messages come in. */
export type Part = Msg | Run;

/** How many messages it has. */
export function countOf(part: Part): number {
  return part.kind === "run" ? part.bodies.length : 1;
}

/** Messages as they came, not checked yet. */
export function itemsOf<Body>(parts: readonly Part[], epoch: string): Item<Body>[] {
  const items: Item<Body>[] = [];
  for (const part of parts) {
    if (part.kind === "msg") {
      items.push(item(part.seq, part.id, epoch, part.body, part.redelivered === true, true));
      continue;
    }
    const { seq, maker, count, bodies } = part;
    for (let i = 0; i < bodies.length; i++) {
      const body = bodies[i] as JsonValue;
      items.push(item(seq + i, madeId(maker, count + i), epoch, body, false, false));
    }
  }
  return items;
}

function item<Body>(
  seq: number,
  id: string,
  epoch: string,
  body: JsonValue,
  redelivered: boolean,
  mayBeKnown: boolean,
): Item<Body> {
  return {
    seq,
    id,
    epoch,
    body: body as Body,
    mayBeKnown,
    redelivered,
    isDone: false,
    isCommitted: false,
    takenBy: undefined,
    waiter: undefined,
  };
}
