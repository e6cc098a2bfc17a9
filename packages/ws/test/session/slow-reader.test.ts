import type { JsonValue, Link } from "@net/core";
import { acceptSessions, memorySessionStore, session } from "@net/ws/session";
import { webSocketTransport } from "@net/ws/transport";
import { expect, test } from "vitest";
import { first, memory, take, type World, world } from "./support/pair.ts";

const KIB = 1024;
const MESSAGES = 500;
const body = (n: number): JsonValue => ({ n, text: "x".repeat(10 * KIB) });
const numbers = Array.from({ length: MESSAGES }, (_, n) => n);

/** Counts what is handed to a link. */
function counting(link: Link, onSent: (bytes: number) => void): Link {
  const send = link.send.bind(link);
  link.send = (frame) => {
    onSent(frame.byteLength);
    return send(frame);
  };
  return link;
}

/** A client whose window is no limit, and that may stop reading. */
async function slowWorld(): Promise<{
  home: World;
  laptop: ReturnType<World["client"]>;
  links: Link[];
  sent: () => number;
  offered: () => number;
}> {
  let sent = 0;
  let offered = 0;
  const store = memory();
  const offer = store.offer.bind(store);
  store.offer = async (...asked) => {
    const messages = await offer(...asked);
    offered += messages.length;
    return messages;
  };
  const home = await world({ store, stallTimeout: 20_000 });
  const links: Link[] = [];
  await home.network.listen("memory:counted", (link) => {
    home.server.accept(counting(link, (bytes) => (sent += bytes)));
  });
  const laptop = home.client({
    window: { messages: 1_024, bytes: 1_000_000_000 },
    redial: async (signal) => {
      const link = await home.network.at("laptop").dial("memory:counted", { signal });
      links.push(link);
      return link;
    },
  });
  await home.clock.advance(0);
  return { home, laptop, links, sent: () => sent, offered: () => offered };
}

test("what a reader does not take stays in the store: the link holds little, and he gets all when he reads on", async () => {
  const { home, laptop, links, sent, offered } = await slowWorld();
  first(links).pause();
  const published = numbers.map((n) => home.server.publish("laptop", body(n)));
  await home.clock.advance(10_000);
  // Of 5 MB: a high-water mark, and the batch with which it was exceeded.
  expect(sent()).toBeLessThan(192 * KIB);
  expect(offered()).toBeLessThan(20);

  first(links).resume();
  const seen = (await take(laptop, MESSAGES)) as { n: number }[];
  expect(seen.map(({ n }) => n)).toEqual(numbers);
  await Promise.all(published);
  expect(home.accepted).toHaveLength(1);
});

test("a reader that stays stalled is sent away as overloaded, comes back, and goes on where he was", async () => {
  const { home, laptop, links } = await slowWorld();
  const welcomes: boolean[] = [];
  laptop.on("welcome", ({ resumed }) => welcomes.push(resumed));
  first(links).pause();
  const published = numbers.map((n) => home.server.publish("laptop", body(n)));
  await home.clock.advance(19_000);
  expect(first(home.accepted).state).toBe("open");
  await home.clock.advance(10_000);
  expect(first(home.accepted).state).toBe("closed");
  expect(await first(home.accepted).closed).toMatchObject({ code: "OVERLOADED" });

  first(links).resume();
  await home.clock.advance(30_000);
  const seen = (await take(laptop, MESSAGES)) as { n: number }[];
  expect(seen.map(({ n }) => n)).toEqual(numbers);
  await Promise.all(published);
  expect(welcomes).toEqual([true]);
});

test("a slow reader holds up nobody else", async () => {
  const { home, links } = await slowWorld();
  const other = home.client({ id: "other" }, "phone");
  await home.clock.advance(0);
  first(links).pause();
  for (const n of numbers) void home.server.publish("laptop", body(n)).catch(() => {});
  const published = home.server.publish("other", "quick");
  expect(await take(other, 1)).toEqual(["quick"]);
  await published;
});

test("over WebSockets too: a stalled reader costs what the sockets hold, then is sent away, and loses nothing", async () => {
  const transport = webSocketTransport();
  const MESSAGES_64_MIB = 256;
  let sent = 0;
  await using server = acceptSessions({
    store: memorySessionStore(),
    authenticate: ({ session: name }) => ({ session: name }),
    maxMessageBytes: 300 * KIB,
    stallTimeout: 250,
  });
  await using listener = await transport.listen("ws://127.0.0.1:0", (link) => {
    server.accept(counting(link, (bytes) => (sent += bytes)));
  });
  const links: Link[] = [];
  await using laptop = session({
    id: "laptop",
    store: memory(),
    window: { messages: 1_024, bytes: 1_000_000_000 },
    reconnect: { min: 1, max: 10 },
    redial: async (signal) => {
      const link = await transport.dial(listener.address, { signal });
      links.push(link);
      return link;
    },
  });
  await laptop.once("welcome");
  const accepted = server.get("laptop");
  first(links).pause();
  const text = "x".repeat(256 * KIB - 100);
  const published = Array.from({ length: MESSAGES_64_MIB }, (_, n) =>
    server.publish("laptop", { n, text }),
  );
  expect(await accepted?.closed).toMatchObject({ code: "OVERLOADED" });
  // Loopback's own buffers take some megabytes.
  expect(sent).toBeLessThan(32 * 1024 * KIB);

  first(links).resume();
  const seen = (await take(laptop, MESSAGES_64_MIB)) as { n: number }[];
  expect(seen.map(({ n }) => n)).toEqual(Array.from({ length: MESSAGES_64_MIB }, (_, n) => n));
  await Promise.all(published);
  expect(links.length).toBeGreaterThan(1);
});
