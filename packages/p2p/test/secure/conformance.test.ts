import { memoryTransport } from "@net/core";
import { type LinkLimits, linkConformance, type TransportHarness } from "@net/core/testing";
import { describe, test } from "vitest";
import { OVERHEAD_BYTES, secureTransport } from "../support/secure-transport.ts";

/** The link below carries as much more as a batch adds. */
function below({ maxFrameBytes, ...limits }: LinkLimits): LinkLimits {
  return { ...limits, ...(maxFrameBytes && { maxFrameBytes: maxFrameBytes + OVERHEAD_BYTES }) };
}

describe.each([
  { over: "plain links", overTLS: false },
  { over: "TLS", overTLS: true },
])("a secured link over $over is a link", ({ overTLS }) => {
  let hosts = 0;
  const networks = new WeakMap<object, ReturnType<typeof memoryTransport>>();
  const harness: TransportHarness = {
    transport: (limits = {}) => {
      const network = memoryTransport(below(limits));
      const transport = secureTransport(network.at("dialler"), limits, { overTLS });
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
