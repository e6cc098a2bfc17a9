import { expectSeen } from "../expect.ts";
import type { Step } from "../step.ts";
import { Stranger } from "../stranger.ts";
import type { World } from "../world.ts";

/** The peers find each other by multicast on the loopback interface; gpu-box refuses desktop. */
export const discovery: Step = {
  name: "discovery",
  title: "The machines find each other",
  async run(world, signal) {
    await using stranger = await Stranger.start(signal);
    await Promise.all([stranger.heard(signal), meet(world, signal)]);
    const desktop = world.peer("desktop");
    const peerIds = ["laptop", "gpu-box"];
    const { found } = await desktop.call("discovered", { peerIds }, { signal });
    const refusal = await desktop.call("refusal", { by: "gpu-box" }, { signal });
    const names = found.map(({ peerId }) => peerId).sort();
    expectSeen(
      names.join() === "gpu-box,laptop",
      `desktop discovered ${names.join(", ") || "nobody"}`,
    );

    const slowestMs = Math.max(...found.map(({ afterMs }) => afterMs));
    return {
      facts: {
        networkId: world.networkId,
        found: found.map((peer) => ({ ...peer })),
        ignored: [stranger.networkId],
        refusal: { ...refusal },
      },
      words: `desktop found ${names.join(" and ")} within ${slowestMs.toFixed(0)} ms of its start, and left the records of a stranger's network alone`,
      lines: [`desktop ✗ gpu-box: ${refusal.reason}`],
    };
  },
};

async function meet(world: World, signal: AbortSignal): Promise<void> {
  await Promise.all([
    world.peer("desktop").call("reach", { peerIds: ["laptop", "gpu-box"] }, { signal }),
    world.peer("gpu-box").call("reach", { peerIds: ["laptop", "desktop"] }, { signal }),
  ]);
}
