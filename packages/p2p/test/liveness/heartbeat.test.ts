import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

// What the option heartbeatInterval of a PeerNetwork does.

/** How long it takes, in ms, until a neighbour that falls silent is given up. */
async function silenceToDeathMs(heartbeatInterval: number): Promise<number> {
  await using net = new TestNetwork();
  const [a] = [
    await net.peer("a", { heartbeatInterval }),
    await net.peer("b", { heartbeatInterval }),
  ];
  await a.connect("memory:b");
  await net.calm();
  net.faults.freeze("b");
  const fromMs = net.clock.monotonicMs();
  await net.until(a.once("peer:disconnected"));
  net.faults.thaw("b");
  return net.clock.monotonicMs() - fromMs;
}

test.each([1_000, 5_000, 20_000])(
  "with a beat of %i ms, a neighbour that falls silent, and whom nobody else knows, is dead within 2.5 to 4 beats",
  async (beatMs) => {
    const beats = (await silenceToDeathMs(beatMs)) / beatMs;

    expect(beats).toBeGreaterThanOrEqual(2.5);
    expect(beats).toBeLessThanOrEqual(4);
  },
);
