import { memoryTransport } from "@net/core";
import { testCertificate } from "@net/core/testing";
import { tcpTransport } from "@net/sockets";
import { webSocketTransport } from "@net/ws/transport";
import { meshSuite } from "./support/mesh-suite.ts";

meshSuite("memory", () => ({
  transport: memoryTransport(),
  listenAddress: (peerId) => `memory:${peerId}`,
}));

meshSuite("ws", () => ({
  transport: webSocketTransport(),
  listenAddress: () => "ws://127.0.0.1:0",
}));

// The certificate is nobody's: what proves who is there is the handshake, which is bound to the TLS channel.
meshSuite("wss", () => ({
  transport: webSocketTransport({
    tls: { ...testCertificate, ca: testCertificate.cert, rejectUnauthorized: false },
  }),
  listenAddress: () => "wss://127.0.0.1:0",
}));

meshSuite("tcp", () => ({
  transport: tcpTransport(),
  listenAddress: () => "tcp://127.0.0.1:0",
}));
