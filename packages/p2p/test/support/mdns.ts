import { randomInt, randomUUID } from "node:crypto";
import type { MdnsOptions } from "@net/p2p";

/** Multicast DNS on the loopback interface, on a port (below those that systems hand out) and in a network of its own. */
export function mdnsOfItsOwn(): Required<MdnsOptions> {
  return { interface: "127.0.0.1", port: randomInt(20_000, 32_000), networkId: randomUUID() };
}
