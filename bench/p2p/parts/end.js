// One end of a way to call: `serve` answers, `call` asks.
import { closedLoop, openLoop } from "../load.js";
import { assertAnswer } from "../payload.js";
import { answerParent, givenArguments } from "../processes.js";

const [role, rival, options, ...rest] = givenArguments();
const { serve, connect } = await import(`../rivals/${rival}.js`);

if (role === "serve") {
  answerParent(await serve(options, ...rest));
} else {
  /** @type {() => Promise<unknown>} */
  const ask = await connect(options, ...rest);
  const call = async () => assertAnswer(await ask());
  await call();
  answerParent(true, {
    closedLoop: (how) => closedLoop(call, how),
    openLoop: (how) => openLoop(call, how),
  });
}
