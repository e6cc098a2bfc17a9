import { linkConformance, TcpProxy } from "@net/core/testing";
import { tcpTransport } from "@net/sockets";
import { test } from "vitest";

const cases = linkConformance({
  transport: (limits) => tcpTransport(limits),
  listenAddress: () => "tcp://127.0.0.1:0",
  // Port 1 (tcpmux) is below the ephemeral range, and nobody has listened there for decades.
  refusedAddress: () => "tcp://127.0.0.1:1",
  badAddresses: [
    "",
    "tcp://",
    "tcp://127.0.0.1",
    "tcp://127.0.0.1:65536",
    "tcp://127.0.0.1:7000/path",
    "tcp://::1:7000",
    "tcp://[127.0.0.1]:7000",
    "tcp://user@127.0.0.1:7000",
    "ws://127.0.0.1:7000",
    "127.0.0.1:7000",
  ],
  faultyWay: async (_transport, address) => {
    const proxy = await TcpProxy.start(Number(new URL(address).port));
    return {
      address: `tcp://127.0.0.1:${proxy.port}`,
      freeze: () => proxy.freeze(),
      cut: () => proxy.cut(),
      [Symbol.asyncDispose]: () => proxy.close(),
    };
  },
});

for (const { name, run } of cases) test(name, ({ signal }) => run(signal));
