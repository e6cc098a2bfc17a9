import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRng, sleep } from "@net/core";
import { expect, onTestFinished, test } from "vitest";
import { KilledProcess } from "./support/killed-process.ts";

const MESSAGES = 3_000;
const numbers = Array.from({ length: MESSAGES }, (_, i) => i);
test("3,000 messages each way while either end is killed and started again: the same, with durable stores", {
  // A third of a minute, where no others want the processors: each process must start some twenty times.
  timeout: 240_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "net-session-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const rng = seededRng(11);
  await using server = new KilledProcess("server", folder, MESSAGES);
  await using client = new KilledProcess("client", folder, MESSAGES);
  let kills = 0;
  while (!(server.isDone && client.isDone)) {
    const victim = rng.next() < 0.5 ? server : client;
    for (const each of [server, client]) await each.works();
    await sleep(100 + rng.next() * 400);
    if (victim.isDone) continue;
    await victim.kill();
    victim.start();
    kills++;
  }
  await server.kill();
  await client.kill();

  expect(server.applied()).toEqual(numbers);
  expect(client.applied()).toEqual(numbers);
  expect(kills).toBeGreaterThan(5);
});
