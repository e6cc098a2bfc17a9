import type { Delivery } from "../delivery.ts";
import type { Committer } from "./committer.ts";
import type { Item } from "./item.ts";

/** A message in the hands of whoever processes it. */
export class ReceivedMessage<Body, Tx> implements Delivery<Body, Tx> {
  readonly seq: number;
  readonly id: string;
  readonly body: Body;
  readonly redelivered: boolean;
  readonly #item: Item<Body>;
  readonly #committer: Committer<Body, Tx>;

  constructor(item: Item<Body>, committer: Committer<Body, Tx>) {
    this.seq = item.seq;
    this.id = item.id;
    this.body = item.body;
    this.redelivered = item.redelivered;
    this.#item = item;
    this.#committer = committer;
  }

  // Bound, so that a loop may take them out: `const { body, ack } of …`. Made when asked for, since nobody uses both.

  get ack(): Delivery<Body, Tx>["ack"] {
    return () => this.#committer.acknowledge(this.#item);
  }

  get commit(): Delivery<Body, Tx>["commit"] {
    return (effects) => this.#committer.commit(this.#item, effects);
  }
}
