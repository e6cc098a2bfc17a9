import type { AcceptSessionsOptions } from "@net/ws/session";
import { expect, test } from "vitest";
import { first, world } from "./support/pair.ts";
import { Stranger } from "./support/stranger.ts";

async function stranger(options: Partial<AcceptSessionsOptions>): Promise<{
  peer: Stranger;
  advance: (ms: number) => Promise<void>;
}> {
  const { network, clock } = await world({
    ...options,
    onSession: (each) => void each.handle("echo", (params) => params),
  });
  const peer = new Stranger(await network.at("stranger").dial("memory:server"));
  peer.hello();
  await clock.advance(0);
  return { peer, advance: (ms) => clock.advance(ms) };
}

const echo = (id: number, params = "x"): string =>
  `{"kind":"req","id":${id},"method":"echo","params":${JSON.stringify(params)}}`;

test.each([
  { rate: "maxFramesPerSecond", frames: 60, perFrame: 1, size: 1 },
  { rate: "maxMessagesPerSecond", frames: 12, perFrame: 5, size: 1 },
] as const)("over $rate a link is read more slowly, and nothing is refused", async (each) => {
  const { peer, advance } = await stranger({ [each.rate]: 10 });
  let id = 0;
  for (let i = 0; i < each.frames; i++) {
    peer.say(...Array.from({ length: each.perFrame }, () => echo(++id)));
  }
  await advance(0);
  // The hello was one; two seconds' worth may come at once, and the frame with which that is over.
  expect(peer.heard("res")).toBeGreaterThanOrEqual(19);
  expect(peer.heard("res")).toBeLessThan(26);
  await advance(2_000);
  expect(peer.heard("res")).toBeLessThan(46);
  await advance(2_500);
  expect(peer.heard("res")).toBe(60);
  expect(peer.isEnded).toBe(false);
});

test("over maxBytesPerSecond a large frame is taken, and what follows waits until it is paid for", async () => {
  const { peer, advance } = await stranger({ maxBytesPerSecond: 1_000 });
  peer.say(echo(1, "x".repeat(6_000)));
  peer.say(echo(2));
  await advance(0);
  expect(peer.heard("res")).toBe(1);
  await advance(3_000);
  expect(peer.heard("res")).toBe(1);
  await advance(3_000);
  expect(peer.heard("res")).toBe(2);
});

test("while a link is not read its silence means nothing", async () => {
  const { peer, advance } = await stranger({ maxBytesPerSecond: 100 });
  peer.say(echo(1, "x".repeat(12_000)));
  await advance(110_000);
  expect(peer.isEnded).toBe(false);
  peer.say(echo(2));
  await advance(20_000);
  expect(peer.heard("res")).toBe(2);
});

test("more visitors than may wait are asked to come back", async () => {
  const { network, clock, client } = await world({ maxVisitors: 2 });
  const laptop = client();
  await clock.advance(0);
  const links = await Promise.all(
    [1, 2, 3].map(() => network.at("stranger").dial("memory:server")),
  );
  for (const link of links) link.receive(() => {});
  await clock.advance(0);

  expect((await links[2]?.closed)?.code).toBe("overloaded");
  expect(laptop.state).toBe("open");
  for (const link of links) link.abort();
});

test("whoever asks and reads no answer is sent away, before his answers fill the memory", async () => {
  const { peer, advance } = await stranger({});
  peer.link.pause();
  const params = "x".repeat(1_000);
  for (let frame = 0; frame < 40 && !peer.isEnded; frame++) {
    peer.say(...Array.from({ length: 50 }, (_, i) => echo(frame * 50 + i + 1, params)));
    await advance(0);
  }
  peer.link.resume();
  await advance(10_000);

  expect((await peer.link.closed).code).toBe("overloaded");
  // The link's own buffer, and what may wait before it.
  expect(peer.bytes).toBeLessThan(2.5 * 1024 * 1024);
});

test("answers and requests larger than what may wait are no matter on a link that is read", async () => {
  const { client, clock, accepted } = await world();
  const laptop = client();
  await clock.advance(0);
  first(accepted).handle("large", () => "x".repeat(900_000));
  const asked = Array.from({ length: 5 }, () => laptop.request("large"));
  for (const answer of await Promise.all(asked)) expect(answer).toHaveLength(900_000);
});

test("on a full link requests wait for room, and their time-outs and signals hold", async () => {
  const { client, clock, accepted, network } = await world();
  const laptop = client();
  await clock.advance(0);
  first(accepted).handle("large", () => null);
  network.faults.freeze("server");
  const params = "x".repeat(300_000);
  const asked = Array.from({ length: 8 }, () => laptop.request("large", params));
  const late = expect(laptop.request("large", params, { timeout: 1_000 })).rejects.toThrow(
    expect.objectContaining({ code: "TIMEOUT" }),
  );
  await clock.advance(2_000);
  await late;
  network.faults.thaw("server");
  await clock.advance(0);
  expect(await Promise.all(asked)).toEqual(asked.map(() => null));
});

test("whoever waits for room on a link that ends does not know the outcome", async () => {
  const { client, clock, accepted, network } = await world();
  const laptop = client();
  await clock.advance(0);
  first(accepted).handle("large", () => null);
  network.faults.freeze("server");
  const asked = Array.from({ length: 8 }, () => laptop.request("large", "x".repeat(300_000)));
  const settled = Promise.allSettled(asked);
  await clock.advance(0);
  network.faults.loseLinks("laptop");
  await clock.advance(0);
  const codes = (await settled).map((each) => (each as PromiseRejectedResult).reason.code);
  expect(new Set(codes)).toEqual(new Set(["OUTCOME_UNKNOWN"]));
});
