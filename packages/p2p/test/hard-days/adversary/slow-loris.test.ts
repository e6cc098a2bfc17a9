import type { Link } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { encodeWelcome } from "../../../src/wire/handshake.ts";
import { FrameKind } from "../../../src/wire/kinds.ts";
import { RawPeer } from "../../support/raw-peer.ts";
import { TestNetwork } from "../../support/test-network.ts";

/** How far a caller goes before it says no more. */
const steps: [string, (net: TestNetwork, from: string) => Promise<Link>][] = [
  [
    "nothing",
    async (net, from) => {
      const link = await net.memory.at(from).dial("memory:target");
      link.receive(() => {});
      return link;
    },
  ],
  [
    "its first key",
    async (net, from) => {
      const link = await net.memory.at(from).dial("memory:target");
      link.receive(() => {});
      link.send(new Uint8Array(32).fill(9));
      return link;
    },
  ],
  ["its keys", async (net, from) => (await RawPeer.dial(net, from, "target")).link],
  [
    "its name",
    async (net, from) => {
      const caller = await RawPeer.dial(net, from, "target");
      caller.hello();
      await settle();
      return caller.link;
    },
  ],
];

test.each(steps)(
  "callers that say %s and no more fill the door for the handshake's time, not longer",
  async (_, begin) => {
    await using net = new TestNetwork();
    const limits = { maxPendingHandshakes: 8 };
    const target = await net.peer("target", { limits });
    const links: Link[] = [];
    for (let n = 0; n < 8; n++) links.push(await begin(net, `slow-${n}`));
    await settle();
    const honest = await net.peer("honest");
    await expect(honest.connect("memory:target")).rejects.toMatchObject({ code: "OVERLOADED" });
    await net.clock.advance(5_100);

    for (const { closed } of links) expect(await closed).toMatchObject({ remote: true });
    await honest.connect("memory:target");
    expect(target.getConnectedPeers()).toMatchObject([{ peerId: "honest" }]);
  },
);

test("an acceptor that says who it is, and never agrees, is given up after the handshake's time", async () => {
  await using net = new TestNetwork();
  const caller = await net.peer("caller");
  const ends: Link[] = [];
  const answer = async (link: Link): Promise<void> => {
    const secured = await RawPeer.secure(link, "responder");
    ends.push(secured);
    secured.receive(([kind]) => {
      if (kind !== FrameKind.hello) return;
      const greeting = {
        networkId: "net",
        peerId: "evil",
        peerName: "evil",
        capabilities: [],
        maxMessageBytes: 2 ** 20,
      };
      secured.send(encodeWelcome({ greeting, credentials: {} }));
    });
  };
  await using _evil = await net.memory.listen("memory:evil", (link) => void answer(link));
  const dial = caller.connect("memory:evil");
  dial.catch(() => {});
  await net.clock.advance(5_100);

  await expect(dial).rejects.toMatchObject({ code: "TIMEOUT", kind: "handshake" });
  expect(await ends[0]?.closed).toMatchObject({ remote: true });
});
