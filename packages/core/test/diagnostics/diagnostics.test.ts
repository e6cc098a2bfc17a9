import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { memoryTransport } from "@net/core";
import {
  type CoreChannels,
  type DialMessage,
  type LinkCloseMessage,
  type LinkOpenMessage,
  observeDial,
} from "@net/core/diagnostics";
import { expect, test } from "vitest";

/** Everything published for this transport name while `run` runs. */
async function published(transport: string, run: () => Promise<void>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const names: (keyof CoreChannels)[] = ["net:transport:dial", "net:link:open", "net:link:close"];
  const collect = (message: unknown, name: string | symbol): void => {
    const known = message as DialMessage | LinkOpenMessage | LinkCloseMessage;
    if (known.transport === transport) seen.push({ ...known, name });
  };
  for (const name of names) subscribe(name, collect);
  await run().finally(() => {
    for (const name of names) unsubscribe(name, collect);
  });
  return seen;
}

test("a dial is published with its duration, and its link's life after it", async () => {
  const network = memoryTransport();
  await network.listen("memory:a", (link) => link.receive(() => {}));
  const seen = await published("memory-1", async () => {
    const link = await observeDial("memory-1", "memory:a", () => network.dial("memory:a"));
    await link.close({ code: "going-away" });
  });

  expect(seen).toMatchObject([
    { name: "net:transport:dial", address: "memory:a", durationMs: expect.any(Number) as number },
    { name: "net:link:open", remoteAddress: "memory:a", direction: "dialled" },
    { name: "net:link:close", reason: { code: "going-away", remote: false } },
  ]);
});

test("a failed dial is published with its error, and without the secrets of its address", async () => {
  const failing = async (): Promise<never> => {
    throw Object.assign(new Error("no"), { code: "ECONNREFUSED" });
  };
  const seen = await published("memory-2", async () => {
    const dial = observeDial("memory-2", "ws://u:secret@h/?token=secret", failing);
    await expect(dial).rejects.toMatchObject({ code: "CONNECTION_REFUSED" });
  });

  expect(seen).toMatchObject([{ address: "ws://***@h/?token=***" }]);
  expect(JSON.stringify(seen)).not.toContain("secret");
});
