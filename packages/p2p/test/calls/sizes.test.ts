import type { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

const KiB = 1_024;
const SMALL = 64 * KiB;
const bytes = (size: number): Uint8Array => new Uint8Array(size);

/** One that takes large messages, and one that does not: neighbours, or with a relay between them that takes less still. */
async function unequal(
  net: TestNetwork,
  hops: 1 | 2,
): Promise<readonly [large: PeerNetwork, small: PeerNetwork]> {
  const large = await net.peer("large", { limits: { maxMessageBytes: 8 * 1_024 * KiB } });
  const small = await net.peer("small", { limits: { maxMessageBytes: SMALL } });
  if (hops === 2) {
    const relay = await net.peer("relay", { relay: true, limits: { maxMessageBytes: 20 * KiB } });
    for (const end of [large, small]) await end.connect(relay.address as string);
  } else {
    await large.connect(small.address as string);
  }
  await net.calm();
  for (const end of [large, small]) {
    end.registerTool({ name: "size" }, (value) => (value as Uint8Array).byteLength);
    end.registerTool({ name: "give" }, (size) => bytes(size as number));
  }
  return [large, small];
}

test.each([1, 2] as const)(
  "over %i links, what the other end does not take is refused, and nothing else suffers",
  async (hops) => {
    await using net = new TestNetwork();
    const [large, small] = await unequal(net, hops);
    const lost: string[] = [];
    for (const end of [large, small]) end.on("peer:disconnected", (peerId) => lost.push(peerId));
    const fits = SMALL - 500;
    const refusal = {
      code: "FRAME_TOO_LARGE",
      message: expect.stringMatching(/over the limit of 65536, the smaller one of both peers'/),
    };

    for (const [from, to] of [
      [large, "small"],
      [small, "large"],
    ] as const) {
      const meanwhile = from.call(to, "size", bytes(fits));
      await expect(net.until(from.executeRemoteTool(to, "size", bytes(SMALL))))
        .rejects //
        .toMatchObject(refusal);
      await expect(net.until(from.executeRemoteTool(to, "give", SMALL)))
        .rejects //
        .toMatchObject({ code: "FRAME_TOO_LARGE" });
      await expect(from.send(to, { type: "note", data: bytes(SMALL) }))
        .rejects //
        .toMatchObject(refusal);
      expect((await net.until(Promise.resolve(meanwhile))).value).toBe(fits);
      expect(await net.until(from.executeRemoteTool(to, "give", fits))).toHaveLength(fits);
      await from.send(to, { type: "note", data: bytes(fits) });
    }
    expect(lost).toEqual([]);
  },
);
