import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { seededRng } from "@net/core";
import { expect, test } from "vitest";
import type { AttemptMessage } from "../../src/executor/channels.ts";
import { childTraceparent } from "../../src/executor/traceparent.ts";
import { busy, type SimPeer, work } from "./sim-network.ts";
import { Simulation } from "./simulation.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${trace}-b7ad6b7169203331-01`;

test("a child has the trace and the flags of its parent, and an id of its own", () => {
  const rng = seededRng(1);
  const [one, other] = [childTraceparent(traceparent, rng), childTraceparent(traceparent, rng)];

  expect(one).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  expect(new Set([one, other, traceparent]).size).toBe(3);
  expect(childTraceparent(traceparent, { next: () => 0 })).not.toContain("0".repeat(16));
});

test.each([
  "",
  "x",
  traceparent.toUpperCase(),
  `01-${trace}-b7ad6b7169203331-01`,
  `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
  `00-${trace}-${"0".repeat(16)}-01`,
  `${traceparent}-x`,
])("what is no traceparent of version 00 has no child: %s", (text) => {
  expect(childTraceparent(text, seededRng(1))).toBeUndefined();
});

/** The traceparents that peers were given, of a call that a busy peer refused first. */
async function given(context: { readonly traceparent: string }): Promise<(string | undefined)[]> {
  const sim = new Simulation();
  const seen: (string | undefined)[] = [];
  const [one, two] = sim.peers("one", "two") as [SimPeer, SimPeer];
  two.state = "busy";
  for (const peer of [one, two]) {
    peer.handler = (invocation) => {
      seen.push(invocation.context?.traceparent);
      return peer === one ? busy : work(invocation, peer);
    };
  }
  await sim.executor.execute("work", {}, context);
  return seen;
}

test("without anybody who records spans the trace is passed on as it is", async () => {
  expect(await given({ traceparent })).toEqual([traceparent, traceparent]);
});

test("where somebody records them, every try is a span of its own", async () => {
  const told: AttemptMessage[] = [];
  const listen = (message: unknown): void => void told.push(message as AttemptMessage);
  subscribe("net:p2p:attempt", listen);
  try {
    const seen = await given({ traceparent });
    expect(seen).toEqual(told.map((attempt) => attempt.traceparent));
    expect(new Set([...seen, traceparent]).size).toBe(3);
    expect(told).toMatchObject([
      { tool: "work", peerId: "one", attempt: 1, parent: traceparent, code: "OVERLOADED" },
      { tool: "work", peerId: "two", attempt: 2, parent: traceparent, code: undefined },
    ]);
    expect(await given({ traceparent: "mine" })).toEqual(["mine", "mine"]);
  } finally {
    unsubscribe("net:p2p:attempt", listen);
  }
});
