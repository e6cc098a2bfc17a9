import type { Link } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { TestNetwork } from "../../support/test-network.ts";

/** Two linked peers, a call between them, and all that the caller has said on the link. */
async function recorded(net: TestNetwork): Promise<{ said: Uint8Array[]; ran: () => number }> {
  const said: Uint8Array[] = [];
  let ran = 0;
  const target = await net.peer("target");
  target.registerTool({ name: "count" }, () => ++ran);
  const below = net.memory.at("caller");
  const transport = {
    ...below,
    dial: async (address: string): Promise<Link> => {
      const link = await below.dial(address);
      const send = link.send.bind(link);
      link.send = (frame) => {
        said.push(frame.slice());
        return send(frame);
      };
      return link;
    },
  };
  const caller = await net.peer("caller", { transport });
  await caller.connect("memory:target");
  expect(await caller.executeRemoteTool("target", "count")).toBe(1);
  await caller.stop();
  await settle();
  return { said, ran: () => ran };
}

test("a link that is played again from its first frame begins nothing", async () => {
  await using net = new TestNetwork();
  const { said, ran } = await recorded(net);
  const link = await net.memory.at("caller").dial("memory:target");
  let answers = 0;
  link.receive(() => {
    answers += 1;
  });
  for (const frame of said) {
    try {
      link.send(frame.slice());
    } catch {
      // It was closed already.
    }
    await settle();
  }
  await net.clock.advance(6_000);

  expect(said.length).toBeGreaterThan(4);
  expect(await link.closed).toMatchObject({ remote: true });
  expect(answers).toBeLessThanOrEqual(1);
  expect(ran()).toBe(1);
});

test.each([0, 1, 2, 3, 4])(
  "frame %i said twice ends the link, and runs nothing twice",
  async (twice) => {
    await using net = new TestNetwork();
    let ran = 0;
    const target = await net.peer("target");
    target.registerTool({ name: "count" }, () => ++ran);
    const below = net.memory.at("caller");
    let count = 0;
    const links: Link[] = [];
    const transport = {
      ...below,
      dial: async (address: string): Promise<Link> => {
        const link = await below.dial(address);
        links.push(link);
        const send = link.send.bind(link);
        link.send = (frame) => {
          const again = frame.slice();
          const wasTaken = send(frame);
          if (count++ === twice) send(again);
          return wasTaken;
        };
        return link;
      },
    };
    const caller = await net.peer("caller", { transport });
    const call = caller
      .connect("memory:target")
      .then(() => caller.executeRemoteTool("target", "count", {}, { deadlineMs: 3_000 }));
    call.catch(() => {});
    await net.clock.advance(4_000);

    expect(await links[0]?.closed).toMatchObject({ remote: true });
    expect(ran).toBeLessThanOrEqual(1);
  },
);
