import { ProtocolError, ValidationError } from "@net/core";
import { assertName } from "../../names.ts";
import type { ToolDefinition, ToolHandler } from "../../tools/tool.ts";
import type { Rendezvous } from "./rendezvous.ts";

// A rendezvous that a peer holds for others is two of its tools.

const PUBLISH = "net.rendezvous.publish";
const LOOKUP = "net.rendezvous.lookup";

/** What holds a rendezvous for others: a `PeerNetwork`. */
export interface RendezvousHolder {
  registerTool(definition: ToolDefinition, handler: ToolHandler): () => void;
}

/** What reaches one: a `PeerNetwork`. */
export interface RendezvousCaller {
  executeRemoteTool(
    peerId: string,
    tool: string,
    args: unknown,
    options: { readonly signal?: AbortSignal | undefined },
  ): Promise<unknown>;
}

/**
 * Lets the peers of a network leave their records with this one, and ask for those of others. Calling the result ends that.
 *
 * @example
 * ```ts
 * offerRendezvous(network, new RendezvousRegistry());
 * ```
 */
export function offerRendezvous(network: RendezvousHolder, rendezvous: Rendezvous): () => void {
  const offered = [
    network.registerTool({ name: PUBLISH, idempotent: true }, async (record, { signal }) => {
      if (!(record instanceof Uint8Array)) throw new ValidationError("a record must be bytes");
      await rendezvous.publish(record, { signal });
    }),
    network.registerTool({ name: LOOKUP, idempotent: true }, async (networkId, { signal }) =>
      rendezvous.lookup(assertName(networkId, "networkId"), { signal }),
    ),
  ];
  return () => {
    for (const takeBack of offered) takeBack();
  };
}

/** The rendezvous that another peer holds: for `discovery.rendezvous` of a network, and for `discoverNodes`. */
export function rendezvousAt(network: RendezvousCaller, peerId: string): Rendezvous {
  return {
    publish: async (record, options = {}) => {
      await network.executeRemoteTool(peerId, PUBLISH, record, options);
    },
    lookup: async (networkId, options = {}) => {
      const records = await network.executeRemoteTool(peerId, LOOKUP, networkId, options);
      if (Array.isArray(records) && records.every((it) => it instanceof Uint8Array)) return records;
      throw new ProtocolError(`${peerId} answered with what are no records`);
    },
  };
}
