// Providers that do one call after the other. The first is slower.
import { setTimeout as wait } from "node:timers/promises";
import { answerParent, givenArguments } from "../processes.js";
import { startPeer } from "../rivals/mesh.js";

const [{ tls, count, slowness }] = givenArguments();
const addresses = [];
for (let i = 0; i < count; i++) {
  const network = await startPeer(`provider-${i}`, { tls });
  const work = oneAfterTheOther(i === 0 ? slowness : 1);
  network.registerTool({ name: "work", idempotent: true, concurrency: 1024 }, work);
  addresses.push(network.address);
}
answerParent(addresses);

/** Timers are late; when the next call begins does not depend on that. @param {number} factor */
function oneAfterTheOther(factor) {
  let freeAtMs = 0;
  return async (/** @type {any} */ { workMs }) => {
    freeAtMs = Math.max(performance.now(), freeAtMs) + factor * workMs;
    await wait(Math.max(0, freeAtMs - performance.now()));
  };
}
