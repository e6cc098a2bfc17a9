import { DeviceIdentity } from "@net/core/identity";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { encodeFrame } from "../../../src/wire/frame.ts";
import { FrameKind } from "../../../src/wire/kinds.ts";
import { craftAdvert } from "../../gossip/support/craft.ts";
import { RawPeer } from "../../support/raw-peer.ts";
import { TestNetwork } from "../../support/test-network.ts";

const link = (peer: string) => ({ peer, costUs: 1, rttMs: 0.001 });

test("peers that somebody makes up, next to everybody, lead nobody astray", async () => {
  await using net = new TestNetwork();
  const [caller, , target] = await net.line("caller", "relay", "target");
  target?.registerTool({ name: "true" }, () => "the truth");
  await net.calm();
  const evil = await RawPeer.join(net, "evil", "relay");
  for (let n = 0; n < 300; n++) {
    const origin = `fake-${n}`;
    const links = [link("evil"), link("target"), link("caller"), link(`fake-${n - 1}`)];
    const advert = craftAdvert(DeviceIdentity.generate(), { origin, links });
    if (!evil.link.send(encodeFrame(FrameKind.advert, advert))) await settle();
  }
  const links = ["caller", "target", "relay", "fake-0", "fake-299"].map(link);
  evil.link.send(evil.advert({ epoch: 3, links }));
  await net.clock.advance(10_000);

  expect(
    await net.until(caller?.call("target", "true") as PromiseLike<unknown> as Promise<unknown>),
  ).toMatchObject({
    value: "the truth",
    hops: 2,
  });
  expect(caller?.getConnectedPeers()).toMatchObject([{ peerId: "relay" }]);
});

test("who knows the name of a peer behind a relay, but not its key, gets no session under it", async () => {
  await using net = new TestNetwork();
  const [caller, , target] = await net.line("caller", "relay", "target");
  target?.registerTool({ name: "true" }, () => "the truth");
  await net.calm();
  const evil = await RawPeer.join(net, "evil", "relay");
  // Its adverts are newer than those of the peer whose name it takes.
  for (const origin of ["target", "relay"]) {
    const advert = craftAdvert(evil.identity, { origin, epoch: 2 ** 40, links: [link("evil")] });
    evil.link.send(encodeFrame(FrameKind.advert, advert));
  }
  await net.clock.advance(5_000);

  expect(await net.until(caller?.executeRemoteTool("target", "true") ?? Promise.reject())).toBe(
    "the truth",
  );
});
