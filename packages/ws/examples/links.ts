// Links over WebSockets: whole frames both ways, with backpressure and a reason when they end.
import { webSocketTransport } from "@net/ws/transport";

const transport = webSocketTransport({ maxFrameBytes: 64 * 1024 });

await using listener = await transport.listen("ws://127.0.0.1:0/mesh", (link) => {
  link.receive((frame) => link.send(frame));
});

const link = await transport.dial(listener.address);
const echoed = new Promise<Uint8Array>((resolve) => link.receive(resolve));
if (!link.send(Buffer.from("a frame"))) await link.drained();
console.log(`${await echoed}`);

await link.close({ code: "going-away", message: "done here" });
console.log((await link.closed).code);
