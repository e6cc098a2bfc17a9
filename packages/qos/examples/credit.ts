import { memoryTransport } from "@net/core";
import {
  ChunkAssembler,
  chunksOf,
  QoSManager,
  ReceiveCredit,
  SendCredit,
  WindowEstimator,
} from "@net/qos";

// A wire of one's own: an announcement of credit is eight bytes, a chunk says in its first byte whether it is the last.
const transport = memoryTransport();
const received = Promise.withResolvers<Uint8Array>();
await using _listener = await transport.listen("memory:laptop", (link) => {
  const window = new WindowEstimator();
  const credit = new ReceiveCredit(window);
  const assembler = new ChunkAssembler(10_000_000);
  window.roundTrip(1, performance.now()); // Pings measure it.
  link.receive((frame) => {
    credit.received(frame.byteLength); // Throws, and so ends the link, if it was not allowed.
    window.delivered(frame.byteLength, performance.now());
    const message = assembler.add(frame.subarray(1), frame[0] === 1);
    if (message) received.resolve(message);
    const limit = credit.consumed(frame.byteLength);
    if (limit !== undefined) link.send(new Uint8Array(Float64Array.of(limit).buffer));
  });
});

await using link = await transport.dial("memory:laptop");
const credit = new SendCredit();
link.receive((frame) => credit.granted(new Float64Array(new Uint8Array(frame).buffer)[0] ?? 0));
await using egress = new QoSManager().createEgress("laptop", link, { credit });

const chunks = chunksOf(new Uint8Array(1_000_000).fill(7), 16 * 1024 - 1);
for (const [i, chunk] of chunks.entries()) {
  const isLast = i === chunks.length - 1;
  await egress.send(new Uint8Array([Number(isLast), ...chunk]), { type: "file" });
}
const message = await received.promise;
console.log(`${chunks.length} chunks became ${message.byteLength} bytes`);
