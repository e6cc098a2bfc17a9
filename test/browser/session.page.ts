import { sleep } from "@net/core";
import { memorySessionStore, session } from "@net/ws/session";
import { webSocketTransport } from "@net/ws/transport";

/** Publishes numbers and reads as many, while the server cuts the links. */
export async function run(options: {
  readonly url: string;
  readonly count: number;
}): Promise<Record<string, unknown>> {
  const { url, count } = options;
  const transport = webSocketTransport();
  let links = 0;
  await using page = session({
    id: "page",
    store: memorySessionStore(),
    redial: (signal) => {
      links++;
      return transport.dial(`${url}/session`, { signal });
    },
    reconnect: { min: 5, max: 20 },
  });
  const received: unknown[] = [];
  const reading = (async () => {
    for await (const delivery of page.inbox()) {
      await delivery.commit(() => void received.push(delivery.body));
      if (received.length === count) return;
    }
  })();
  for (let n = 0; n < count; n += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, i) => page.publish(n + i)));
    await sleep(5);
  }
  await reading;
  const answer = await page.request("time");
  return {
    received,
    answer,
    wasCut: links > 3,
    listening: await listening(),
    ...(await overflow(url)),
  };
}

async function listening(): Promise<unknown> {
  return await webSocketTransport()
    .listen("ws://127.0.0.1:0", () => {})
    .then(
      () => "listens",
      (error: { code?: string }) => error.code,
    );
}

/** A page cannot hold a WebSocket back: what it does not read ends the link, instead of filling its memory. */
async function overflow(url: string): Promise<Record<string, unknown>> {
  const link = await webSocketTransport({ highWaterMark: 1024, maxFrameBytes: 4096 }).dial(
    `${url}/flood`,
  );
  link.pause();
  link.receive(() => {});
  const { code, remote } = await link.closed;
  return { overflow: code, remote };
}
