// A process with a lifeline whose main thread is blocked until something comes on its standard input; started by
// lifeline.test.ts. It ends when its parent does.
import { readSync } from "node:fs";
import { systemClock } from "@net/core";
import { Lifeline } from "../../../src/liveness/lifeline/lifeline.ts";

const lifeline = await Lifeline.start({ host: "127.0.0.1", clock: systemClock });
const { port, ticket, key } = lifeline.ticket();
process.on("message", () => {
  process.send?.("blocked");
  // Nothing of this thread runs meanwhile.
  readSync(0, new Uint8Array(1));
  process.send?.("free");
});
process.on("disconnect", () => void lifeline.close());
process.send?.({ port, ticket: [...ticket], key: [...key] });
