import { expect, test } from "vitest";
import { endOfRun } from "../../src/session/runs.ts";
import type { WaitingMessage } from "../../src/session/store/store.ts";
import { first, memory, take, type World, world } from "./support/pair.ts";
import { Stranger } from "./support/stranger.ts";

async function visit({ network, clock }: World): Promise<Stranger> {
  const peer = new Stranger(await network.at("stranger").dial("memory:server"));
  peer.hello();
  await clock.advance(0);
  return peer;
}

/** Everything but the welcome. */
function heard(peer: Stranger): Stranger["envelopes"] {
  return peer.envelopes.filter(({ kind }) => kind !== "welcome");
}

test("messages of a moment travel as runs, in a few parts; one whose id was given travels with it", async () => {
  const home = await world();
  const peer = await visit(home);
  const numbers = Array.from({ length: 64 }, (_, n) => n);
  for (const n of numbers) void home.server.enqueue("stranger", n);
  void home.server.enqueue("stranger", "named", { id: "mine" });
  while (heard(peer).at(-1)?.kind !== "msg") await home.clock.advance(0);

  const runs = heard(peer).slice(0, -1);
  expect(runs.map(({ kind }) => kind)).toEqual(["run", "run", "run", "run"]);
  expect(runs.flatMap(({ bodies }) => bodies)).toEqual(numbers);
  const starts = runs.map(({ seq, count }) => [seq, count]);
  expect(starts).toEqual(starts.map(([seq]) => [seq, seq]));
  expect(new Set(runs.map(({ maker }) => maker)).size).toBe(1);
  expect(heard(peer).at(-1)).toEqual({ kind: "msg", seq: 65, id: "mine", body: "named" });
});

test("what was offered before comes again message by message, flagged, with the ids the run gave them", async () => {
  const home = await world();
  const before = await visit(home);
  for (const n of [1, 2]) await home.server.enqueue("stranger", n);
  await home.clock.advance(0);
  const runs = heard(before);
  const ids = runs.map(({ maker, count }) => `${count}.${maker}`);
  before.link.abort();
  await home.clock.advance(0);

  const after = await visit(home);
  expect(heard(after)).toEqual([
    { kind: "msg", seq: 1, id: ids[0], redelivered: true, body: 1 },
    { kind: "msg", seq: 2, id: ids[1], redelivered: true, body: 2 },
  ]);
});

test("ids that came in a run are known when they come again", async () => {
  const home = await world();
  const peer = await visit(home);
  peer.say('{"kind":"run","seq":1,"maker":"m","count":9,"bodies":["a","b"]}');
  await home.clock.advance(0);
  expect(await take(first(home.accepted), 2)).toEqual(["a", "b"]);
  peer.say(
    '{"kind":"msg","seq":3,"id":"10.m","body":"b again"}',
    '{"kind":"msg","seq":4,"id":"11.m","body":"c"}',
  );
  await home.clock.advance(0);
  expect(await take(first(home.accepted), 1)).toEqual(["c"]);
});

test("a run that was never offered costs the receiver no look into its store", async () => {
  const store = memory();
  let looks = 0;
  const { committed } = store;
  store.committed = (...asked) => {
    looks++;
    return committed.apply(store, asked);
  };
  const { client, server, clock } = await world();
  const laptop = client({ store });
  await server.enqueue("laptop", 1);
  await clock.advance(0);
  expect(await take(laptop, 1)).toEqual([1]);
  expect(looks).toBe(0);
});

test("a message that the other end does not take keeps none before it from leaving", async () => {
  const home = await world();
  const peer = new Stranger(await home.network.at("stranger").dial("memory:server"));
  peer.hello({ maxMessageBytes: 10 });
  await home.clock.advance(0);
  for (const body of [1, 2, "far too large for it"]) void home.server.enqueue("stranger", body);
  await home.clock.advance(0);
  expect(heard(peer)).toMatchObject([{ bodies: [1, 2] }, { kind: "bye", code: "too-large" }]);
});

const limits = { message: 10, run: 20 };

function made(seq: number, count = seq, more: Partial<WaitingMessage> = {}): WaitingMessage {
  const id = { maker: "m", count };
  return { seq, id: `${count}.m`, made: id, body: "1", bytes: 1, redelivered: false, ...more };
}

test.each([
  { what: "all that follow each other", messages: [made(1, 7), made(2, 8), made(3, 9)], end: 3 },
  { what: "a gap between ids", messages: [made(1, 7), made(2, 9)], end: 1 },
  {
    what: "another maker",
    messages: [made(1), made(2, 2, { made: { maker: "n", count: 2 } })],
    end: 1,
  },
  { what: "one offered before", messages: [made(1), made(2, 2, { redelivered: true })], end: 1 },
  {
    what: "after one offered before",
    messages: [made(1, 1, { redelivered: true }), made(2)],
    end: 1,
  },
  { what: "an id that was given", messages: [made(1), made(2, 2, { made: undefined })], end: 1 },
  { what: "a large one", messages: [made(1), made(2, 2, { bytes: 11 })], end: 1 },
  { what: "too much together", messages: [1, 2, 3].map((n) => made(n, n, { bytes: 8 })), end: 2 },
])("a run ends before: $what", ({ messages, end }) => {
  expect(endOfRun(messages, 0, limits)).toBe(end);
});
