import type { Step } from "../step.ts";
import { peerNames } from "../world.ts";

/** One process for the server and one for each peer. */
export const start: Step = {
  name: "start",
  title: "The machines start",
  async run(world, signal) {
    await world.boot(signal);
    const peers = Object.fromEntries(peerNames.map((name) => [name, world.peer(name).pid ?? 0]));
    const pids = { server: world.server.pid ?? 0, ...peers };
    const words = Object.entries(pids).map(([name, pid]) => `${name} ${pid}`);
    return { facts: { pids }, words: `processes: ${words.join(", ")}` };
  },
};
