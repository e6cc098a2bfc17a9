import { memoryTransport } from "@net/core";
import { QoSManager } from "@net/qos";

// A link to gpu-box inside this process; a WebSocket or TCP link is used the same way.
const transport = memoryTransport({ highWaterMark: 64 * 1024 });
const firstBytes: string[] = [];
const everything = Promise.withResolvers<void>();
await using _listener = await transport.listen("memory:gpu-box", (link) => {
  link.receive((frame) => {
    firstBytes.push(String.fromCharCode(frame[0] ?? 0));
    if (firstBytes.length === 22) everything.resolve();
  });
});
await using link = await transport.dial("memory:gpu-box");

const qos = new QoSManager();
qos.on("violation:latency", ({ peerId, latency, type, limit }) => {
  console.log(`${peerId}: ${latency} ms, but a ${type} allows ${limit} ms`);
});

// What a heartbeat measures becomes an estimate, a score and, where a policy is violated, an event.
qos.setPolicy("video-stream", { priority: "high", maxBandwidth: 10, maxLatency: 100 });
for (const rttMs of [20, 24, 180, 22]) qos.recordLatency("gpu-box", rttMs);
console.log(`round trip ${qos.getMetrics("gpu-box")?.rttMs?.toFixed(1)} ms`);
console.log(`health ${qos.getHealthScore("gpu-box").toFixed(0)} of 100`);

// Twenty frames of a file fill the link; what is more urgent passes those that still wait.
await using egress = qos.createEgress("gpu-box", link);
const chunk = (): Uint8Array => new Uint8Array(16 * 1024).fill("f".charCodeAt(0));
for (let i = 0; i < 20; i++) egress.offer(chunk(), "file");
egress.offer(new TextEncoder().encode("call"), "tool-call");
egress.offer(new TextEncoder().encode("heartbeat"), "heartbeat");
await everything.promise;
console.log(firstBytes.join(""));
