import {
  AsyncQueue,
  deadline,
  deserializeError,
  Emitter,
  memoryTransport,
  NetworkError,
  NetworkTimeoutError,
  redact,
  retry,
  seededRng,
  sleep,
} from "@net/core";

/** Everything the root offers, once, in a real browser. */
export async function run(): Promise<Record<string, unknown>> {
  return {
    echo: await echo(),
    retried: await retried(),
    timedOut: await timedOut(),
    error: deserializeError(new NetworkError("CONFLICT", "twice").toJSON()).code,
    redacted: redact("wss://u:p@h/?token=1"),
    random: seededRng(1).next(),
    queued: await queued(),
    emitted: emitted(),
    node: "process" in globalThis,
  };
}

async function echo(): Promise<string> {
  const network = memoryTransport();
  const listener = await network.listen("memory:page", (link) => {
    link.receive((frame) => link.send(frame));
  });
  const link = await network.dial("memory:page");
  const echoed = Promise.withResolvers<Uint8Array>();
  link.receive(echoed.resolve);
  link.send(new TextEncoder().encode("hello from a page"));
  const text = new TextDecoder().decode(await echoed.promise);
  await link.close();
  await listener.close();
  return text;
}

async function retried(): Promise<number> {
  let tries = 0;
  await retry(
    () => {
      if (++tries < 3) throw new NetworkError("TIMEOUT", "again");
    },
    { backoff: () => 1 },
  );
  return tries;
}

async function timedOut(): Promise<boolean> {
  using limit = deadline(5);
  return await sleep(60_000, { signal: limit.signal }).then(
    () => false,
    (error: unknown) => NetworkTimeoutError.is(error, "DEADLINE_EXCEEDED"),
  );
}

async function queued(): Promise<number[]> {
  const queue = new AsyncQueue<number>({ capacity: 10 });
  for (const item of [1, 2, 3]) queue.push(item);
  queue.end();
  const items: number[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

function emitted(): string {
  const events = new Emitter<{ hello: [name: string] }>();
  let heard = "";
  events.on("hello", (name) => {
    heard = name;
  });
  events.emit("hello", "page");
  return heard;
}
