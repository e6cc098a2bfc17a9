// A process that starts a lifeline and has nothing more to do; started by lifeline.test.ts.
import { systemClock } from "@net/core";
import { Lifeline } from "../../../src/liveness/lifeline/lifeline.ts";

await Lifeline.start({ host: "127.0.0.1", clock: systemClock });
