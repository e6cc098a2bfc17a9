import { type ChildProcess, fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { NetworkError, sleep, systemClock } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test, vi } from "vitest";
import { Lifeline } from "../../../src/liveness/lifeline/lifeline.ts";
import {
  type LifelineAddress,
  LifelineClient,
} from "../../../src/liveness/lifeline/lifeline-client.ts";

const host = "127.0.0.1";

interface TicketMessage {
  readonly port: number;
  readonly ticket: readonly number[];
  readonly key: readonly number[];
}

/** The clock of the question; the thread's own time is the machine's. */
async function start(): Promise<{ lifeline: Lifeline; address: LifelineAddress }> {
  const lifeline = await Lifeline.start({ host, clock: systemClock });
  return { lifeline, address: { host, ...lifeline.ticket() } };
}

function child(file: string): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const stdio = ["pipe", "ignore", "inherit", "ipc"] as const;
  return fork(path, { execArgv: ["--conditions=@net/source"], stdio: [...stdio] });
}

/** A process takes long to start on a machine with much to do. */
const patient = { timeout: 60_000 };

test.concurrent(
  "a process says that it lives while its main thread is blocked, and when that runs again",
  patient,
  async () => {
    using client = new LifelineClient(systemClock);
    const process = child("./blocked-process.ts");
    using _child = { [Symbol.dispose]: () => process.kill("SIGKILL") };
    const [said] = (await once(process, "message")) as [TicketMessage];
    const address: LifelineAddress = {
      ...{ host, port: said.port },
      ticket: Uint8Array.from(said.ticket),
      key: Uint8Array.from(said.key),
    };
    const tickedMsAgo = async (): Promise<number> => {
      await sleep(20);
      return (await client.ask(address)) ?? Number.NaN;
    };
    const blocked = once(process, "message");
    process.send("block");
    expect((await blocked)[0]).toBe("blocked");
    // It answers, and says for how long nothing has run: three ticks are missing, and ever more.
    await vi.waitUntil(async () => (await tickedMsAgo()) >= 1_000, patient);

    const free = once(process, "message");
    process.stdin?.write("!");
    expect((await free)[0]).toBe("free");
    await vi.waitUntil(async () => (await tickedMsAgo()) < 750, patient);
    const exit = once(process, "exit");
    process.disconnect();
    expect(await exit).toEqual([0, null]);
  },
);

test.concurrent("a lifeline does not keep a process alive", patient, async () => {
  const process = child("./idle-process.ts");
  using _child = { [Symbol.dispose]: () => process.kill("SIGKILL") };
  expect(await once(process, "exit")).toEqual([0, null]);
});

test("each neighbour has a ticket and key of its own, and one's key does not fit the other's ticket", async () => {
  const { lifeline, address } = await start();
  await using _lifeline = lifeline;
  using client = new LifelineClient(systemClock);
  const other = lifeline.ticket();
  expect(await client.ask(address, patient)).toBeTypeOf("number");
  expect(await client.ask({ ...address, ...other }, patient)).toBeTypeOf("number");

  const stolen = { ...address, ticket: other.ticket };
  expect(await client.ask(stolen, { timeout: 50 })).toBeUndefined();
});

test("whatever a stranger sends gets no answer, and does no harm", async () => {
  const { lifeline, address } = await start();
  await using _lifeline = lifeline;
  using client = new LifelineClient(systemClock);
  const stranger = createSocket("udp4");
  const answers: unknown[] = [];
  stranger.on("message", (bytes) => answers.push(bytes));
  const garbage = [0, 1, 4, 51, 52, 53, 1_000].map((size) => Buffer.alloc(size, "nLQ1"));
  for (const bytes of garbage) {
    await new Promise((resolve) => stranger.send(bytes, address.port, host, resolve));
  }

  expect(await client.ask(address, patient)).toBeTypeOf("number");
  expect(answers).toEqual([]);
  stranger.close();
});

test("an answer of the past, or one that was tampered with, is none", async () => {
  const { lifeline, address } = await start();
  await using _lifeline = lifeline;
  using client = new LifelineClient(systemClock);
  const between = await startBetween(address.port);
  const through = { ...address, port: between.port };
  expect(await client.ask(through, patient)).toBeTypeOf("number");

  between.answer = (_fresh, old) => old;
  expect(await client.ask(through, { timeout: 50 })).toBeUndefined();
  between.answer = (fresh) => flipped(fresh, 20);
  expect(await client.ask(through, { timeout: 50 })).toBeUndefined();
  between.answer = (_fresh, _old, question) => question;
  expect(await client.ask(through, { timeout: 50 })).toBeUndefined();
  between.answer = (fresh) => fresh;
  expect(await client.ask(through, patient)).toBeTypeOf("number");
  between.close();
});

test("nobody there is no answer, and a client that was closed asks nobody", async () => {
  const { lifeline, address } = await start();
  await lifeline.close();
  await lifeline.close();
  const clock = new FakeClock();
  const client = new LifelineClient(clock);
  const asked = client.ask(address);
  const aborted = client.ask(address, { signal: AbortSignal.abort() });
  await clock.advance(1_000);
  expect([await asked, await aborted]).toEqual([undefined, undefined]);

  const pending = client.ask(address);
  client[Symbol.dispose]();
  client[Symbol.dispose]();
  expect([await pending, await client.ask(address)]).toEqual([undefined, undefined]);
  expect(clock.pending).toBe(0);
});

test("a lifeline that cannot listen says why", async () => {
  const started = Lifeline.start({ host: "192.0.2.1", clock: systemClock });
  await expect(started).rejects.toSatisfy((error) => NetworkError.is(error, "CONNECTION_FAILED"));
  await expect(started).rejects.toThrow("EADDRNOTAVAIL");
});

interface Between {
  readonly port: number;
  /** What is given back instead. */
  answer: (fresh: Buffer, old: Buffer, question: Buffer) => Buffer;
  close(): void;
}

/** Somebody on the way who sees everything. */
async function startBetween(port: number): Promise<Between> {
  const [near, far] = [createSocket("udp4"), createSocket("udp4")];
  near.bind(0, host);
  await once(near, "listening");
  let asker = 0;
  let question: Buffer = Buffer.alloc(0);
  let old: Buffer | undefined;
  const between: Between = {
    port: near.address().port,
    answer: (fresh) => fresh,
    close: () => {
      near.close();
      far.close();
    },
  };
  near.on("message", (bytes, from) => {
    [asker, question] = [from.port, bytes];
    far.send(bytes, port, host);
  });
  far.on("message", (bytes) => {
    old ??= bytes;
    near.send(between.answer(bytes, old, question), asker, host);
  });
  return between;
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
