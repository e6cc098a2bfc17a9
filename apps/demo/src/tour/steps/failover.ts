import { AsyncQueue } from "@net/core";
import { countWords } from "../../peer/words.ts";
import { expectSeen } from "../expect.ts";
import type { Step } from "../step.ts";
import { type PeerName, peerNames, type World } from "../world.ts";

/** Long enough to be in the middle of the call when the machine dies. */
const WORK_MS = 1_500;

/** kill -9 of the machine that is working, and the work finishing elsewhere. */
export const failover: Step = {
  name: "failover",
  title: "A machine dies in the middle of its work",
  async run(world, signal) {
    const starts = new Starts(world, signal);
    const call = { bytes: world.file.bytes, forMs: WORK_MS };
    const working = world.peer("laptop").call("countSlowly", call, { signal });
    const victim = await Promise.race([starts.next(), working.then(() => undefined)]);
    expectSeen(victim, "the work was done before anybody could be killed");
    const killedAt = performance.now();
    await world.peer(victim.name).kill();
    const heir = await Promise.race([starts.next(), working.then(() => undefined)]);
    const { executedOn, attempts, counts } = await working;
    const right = JSON.stringify(countWords(world.file.bytes));
    expectSeen(executedOn !== victim.name, `${executedOn} cannot have finished: it was killed`);
    expectSeen(heir?.name === executedOn, `nobody saw ${executedOn} begin`);
    expectSeen(JSON.stringify(counts) === right, "the second try counted other words");

    const takeoverMs = heir.atMs - killedAt;
    const rejoinMs = await rejoin(world, victim.name, signal);
    return {
      facts: { killed: victim.name, executedOn, attempts, takeoverMs, rejoinMs },
      words: `kill -9 ${victim.name} while it worked for laptop: ${executedOn} began anew ${takeoverMs.toFixed(0)} ms later and finished (attempt ${attempts})`,
      lines: [
        `${victim.name} was started again, and was back in the network after ${rejoinMs.toFixed(0)} ms`,
      ],
    };
  },
};

interface Start {
  readonly name: PeerName;
  readonly atMs: number;
}

/** Hears which machine begins the slow work, and when. */
class Starts {
  readonly #queue = new AsyncQueue<Start>({ capacity: 10 });
  readonly #signal: AbortSignal;

  constructor(world: World, signal: AbortSignal) {
    this.#signal = signal;
    for (const name of peerNames) {
      world.peer(name).onNotice((notice) => {
        if (notice === "slow-work") this.#queue.push({ name, atMs: performance.now() });
      });
    }
  }

  next(): Promise<Start | undefined> {
    return this.#queue.take({ signal: this.#signal });
  }
}

async function rejoin(world: World, name: PeerName, signal: AbortSignal): Promise<number> {
  const start = performance.now();
  await world.startPeer(name, signal);
  const others = peerNames.filter((other) => other !== name);
  await world.peer(name).call("reach", { peerIds: others }, { signal });
  return performance.now() - start;
}
