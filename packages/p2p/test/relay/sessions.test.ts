import type { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

const jwtSecret = "a secret of the test, 32 bytes long";

/** A caller, a relay and a target that has a tool. */
async function line(
  net: TestNetwork,
  extra: object = {},
): Promise<[PeerNetwork, PeerNetwork, PeerNetwork]> {
  const [caller, relay, target] = await Promise.all([
    net.peer("caller", { jwtSecret }),
    net.peer("relay", { jwtSecret, relay: true }),
    net.peer("target", { jwtSecret, ...extra }),
  ]);
  await caller.connect("memory:relay");
  await target.connect("memory:relay");
  target.registerTool({ name: "echo", idempotent: true }, (value) => value);
  await net.calm();
  return [caller, relay, target];
}

test("a session needs one handshake, however many calls go over it", async () => {
  await using net = new TestNetwork();
  const asked: boolean[] = [];
  const [caller] = await line(net, {
    admit: ({ peerId, relayed }: { peerId: string; relayed: boolean }) => {
      if (peerId === "caller") asked.push(relayed);
      return true;
    },
  });
  const values = await Promise.all(
    [1, 2, 3].map((n) => caller.executeRemoteTool("target", "echo", n)),
  );
  values.push(await caller.executeRemoteTool("target", "echo", 4));

  expect(values).toEqual([1, 2, 3, 4]);
  expect(asked).toEqual([true]);
});

test("who is not admitted is not heard through relays either, and the caller is told why", async () => {
  await using net = new TestNetwork();
  const [caller, relay] = await line(net, {
    admit: ({ peerId }: { peerId: string }) => peerId === "relay" || "not you",
  });

  await expect(caller.call("target", "echo", 1)).rejects.toMatchObject({
    ...{ code: "PERMISSION_DENIED", message: expect.stringContaining("not you") },
  });
  expect(await relay.executeRemoteTool("target", "echo", 1)).toBe(1);
});

test("a guest shows its token to peers behind relays too", async () => {
  await using net = new TestNetwork();
  const [, relay] = await line(net);
  const token = await relay.generateJWT({ sub: "guest" });
  const guest = await net.peer("guest");
  await guest.connect("memory:relay", { token });
  await net.calm();

  expect(await guest.executeRemoteTool("target", "echo", 1)).toBe(1);
});

test("when the way through one relay fails, the next best is taken", async () => {
  await using net = new TestNetwork();
  const [caller, , target] = await line(net);
  await net.peer("second", { jwtSecret, relay: true });
  await caller.connect("memory:second");
  await target.connect("memory:second");
  await net.calm();
  expect(await caller.executeRemoteTool("target", "echo", 1)).toBe(1);
  net.faults.partition(["relay"]);
  await net.clock.advance(30_000);

  expect(await net.until(caller.executeRemoteTool("target", "echo", 2))).toBe(2);
});

test("a session that nobody uses ends, and the next call makes a new one", async () => {
  await using net = new TestNetwork();
  let handshakes = 0;
  const [caller] = await line(net, {
    admit: ({ relayed }: { relayed: boolean }) => {
      if (relayed) handshakes += 1;
      return true;
    },
  });
  await caller.executeRemoteTool("target", "echo", 1);
  await net.clock.advance(100_000);
  await caller.executeRemoteTool("target", "echo", 2);
  expect(handshakes).toBe(1);
  await net.clock.advance(200_000);

  expect(await caller.executeRemoteTool("target", "echo", 3)).toBe(3);
  expect(handshakes).toBe(2);
});

test("a call that is not urgent goes over a session of its own", async () => {
  await using net = new TestNetwork();
  let sessions = 0;
  const [caller] = await line(net, {
    admit: ({ relayed }: { relayed: boolean }) => {
      if (relayed) sessions += 1;
      return true;
    },
  });
  await caller.executeRemoteTool("target", "echo", 1);
  await caller.executeRemoteTool("target", "echo", 2, { priority: "low" });

  expect(sessions).toBe(2);
});

test("messages arrive through relays as from whoever has proven to be their sender", async () => {
  await using net = new TestNetwork();
  const [caller, , target] = await line(net);
  const heard = target.once("message");
  await caller.send("target", { type: "note", data: { text: "hello" } });

  expect((await heard)[0]).toEqual({ from: "caller", type: "note", data: { text: "hello" } });
});

test("what the ends say, a relay cannot read", async () => {
  await using net = new TestNetwork();
  const seen: Uint8Array[] = [];
  const [caller] = await line(net, { transport: listening(net, "target", seen) });
  const secret = "a text that only the ends may read";
  expect(await caller.executeRemoteTool("target", "echo", { secret })).toEqual({ secret });

  // The link below is encrypted too, so even less is seen there; this is about the frames as they are sent.
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.some((frame) => Buffer.from(frame).includes(secret))).toBe(false);
});

/** The transport of a peer, and every frame that comes to it. */
function listening(
  net: TestNetwork,
  id: string,
  seen: Uint8Array[],
): ReturnType<TestNetwork["memory"]["at"]> {
  const transport = net.memory.at(id);
  return {
    ...transport,
    dial: async (address, options) => {
      const link = await transport.dial(address, options);
      const receive = link.receive.bind(link);
      link.receive = (onFrame) =>
        receive((frame) => {
          seen.push(frame.slice());
          onFrame(frame);
        });
      return link;
    },
  };
}
