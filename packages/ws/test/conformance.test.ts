import {
  testCertificate as certificate,
  type LinkLimits,
  linkConformance,
  TcpProxy,
} from "@net/core/testing";
import { webSocketTransport } from "@net/ws/transport";
import { describe, test } from "vitest";

describe.each([
  { scheme: "ws", tls: undefined },
  { scheme: "wss", tls: { ...certificate, ca: certificate.cert } },
])("$scheme", ({ scheme, tls }) => {
  const cases = linkConformance({
    transport: (limits?: LinkLimits) => webSocketTransport({ ...limits, tls }),
    listenAddress: () => `${scheme}://127.0.0.1:0/mesh`,
    // Port 1 (tcpmux) is below the ephemeral range, and nobody has listened there for decades.
    refusedAddress: () => `${scheme}://127.0.0.1:1`,
    badAddresses: [
      "",
      `${scheme}://`,
      `${scheme}:127.0.0.1:7000`,
      `${scheme}://127.0.0.1:65536`,
      `${scheme}://127.0.0.1:7000/path#fragment`,
      `${scheme}://127.0.0.1:7000/pa th`,
      `${scheme}://::1:7000`,
      `${scheme}://user:password@127.0.0.1:7000`,
      "tcp://127.0.0.1:7000",
      "127.0.0.1:7000",
    ],
    faultyWay: async (_transport, address) => {
      const proxy = await TcpProxy.start(Number(new URL(address).port));
      return {
        address: `${scheme}://127.0.0.1:${proxy.port}/mesh`,
        freeze: () => proxy.freeze(),
        cut: () => proxy.cut(),
        [Symbol.asyncDispose]: () => proxy.close(),
      };
    },
  });
  for (const { name, run } of cases) test(name, ({ signal }) => run(signal));
});
