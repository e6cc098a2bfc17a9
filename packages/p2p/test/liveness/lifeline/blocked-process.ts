// A process with a lifeline whose main thread can be blocked; started by lifeline.test.ts. It ends when its parent does.
import { systemClock } from "@net/core";
import { Lifeline } from "../../../src/liveness/lifeline/lifeline.ts";

const lifeline = await Lifeline.start({ host: "127.0.0.1", clock: systemClock });
const { port, ticket, key } = lifeline.ticket();
process.on("message", (blockMs: number) => {
  process.send?.("blocked");
  // Nothing of this thread runs meanwhile. The message is on its way: a pipe takes it synchronously.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
  process.send?.("free");
});
process.on("disconnect", () => void lifeline.close());
process.send?.({ port, ticket: [...ticket], key: [...key] });
