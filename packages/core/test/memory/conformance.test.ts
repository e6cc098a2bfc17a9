import { memoryTransport } from "@net/core";
import { linkConformance, type TransportHarness } from "@net/core/testing";
import { describe, test } from "vitest";

describe("the memory transport", () => {
  let hosts = 0;
  const networks = new WeakMap<object, ReturnType<typeof memoryTransport>>();
  const harness: TransportHarness = {
    transport: (limits = {}) => {
      const network = memoryTransport(limits);
      const transport = network.at("dialler");
      networks.set(transport, network);
      return transport;
    },
    listenAddress: () => `memory:host-${++hosts}`,
    refusedAddress: () => "memory:nobody",
    badAddresses: ["memory:", "memory:a b", "tcp://a:1", "laptop", ""],
    limitsPerEnd: false,
    faultyWay: async (transport, address) => {
      const faults = networks.get(transport)?.faults;
      const host = address.slice("memory:".length);
      return {
        address,
        freeze: () => faults?.freeze(host),
        cut: () => faults?.loseLinks(host),
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };

  for (const { name, run } of linkConformance(harness)) test(name, ({ signal }) => run(signal));
});
