import { FakeClock, settle } from "@net/core/testing";
import { HTTPClient } from "@net/http";
import { expect, test } from "vitest";
import { serve, serveRaw } from "./local-server.ts";

/** Lets the network do its part until `holds`. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await settle();
}

test("an answer that does not begin is a first-byte time-out, to the millisecond", async () => {
  await using server = await serve(() => {});
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, maxRetries: 0, timeout: { firstByte: 250 } });

  const outcome = http.get(server.url).catch((error: unknown) => error);
  await server.until(1);
  await clock.advance(249);
  expect(server.open).toBe(1);
  await clock.advance(1);

  expect(await outcome).toMatchObject({ code: "TIMEOUT", kind: "headers", timeoutMs: 250 });
  await server.idle();
  expect(clock.pending).toBe(0);
});

test("a try that does not end is an attempt time-out, and the next one has its own", async () => {
  await using server = await serve(
    (_, response) => response.write("a"),
    (_, response) => response.end("b"),
  );
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, retryBackoff: 0, timeout: { attempt: 1_000 } });

  const outcome = http.get(server.url);
  await server.until(1);
  await clock.advance(1_000);

  expect(await outcome).toMatchObject({ text: "b" });
  expect(clock.pending).toBe(0);
});

test("silence in the middle of a body is an idle time-out; a slow body is none", async () => {
  let send: ((text: string) => void) | undefined;
  await using server = await serve((_, response) => {
    send = (text) => response.write(text);
    send("a");
  });
  const clock = new FakeClock();
  let came = 0;
  await using http = new HTTPClient({ clock, maxRetries: 0, timeout: { idle: 100 } });

  const outcome = http
    .get(server.url, { onDownloadProgress: ({ bytes }) => (came = bytes) })
    .catch((error: unknown) => error);
  await until(() => came === 1);
  for (let piece = 2; piece <= 4; piece++) {
    await clock.advance(99);
    send?.("x");
    await until(() => came === piece);
  }
  await clock.advance(100);

  expect(await outcome).toMatchObject({ code: "TIMEOUT", kind: "idle", timeoutMs: 100 });
  await server.idle();
  expect(clock.pending).toBe(0);
});

test("the connect time-out is the client's", async () => {
  await using server = await serveRaw(() => {});
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, maxRetries: 0, timeout: { connect: 70 } });

  const outcome = http.get(server.url.replace("http", "https")).catch((error: unknown) => error);
  await server.until(1);
  await clock.advance(70);

  expect(await outcome).toMatchObject({ kind: "connect", timeoutMs: 70, details: { sent: false } });
  await expect(http.get(server.url, { timeout: { connect: 1 } as never })).rejects.toThrow(
    "timeout.connect is the client's",
  );
});

test("a call's time-out replaces the client's, part by part", async () => {
  await using server = await serve(() => {});
  const clock = new FakeClock();
  await using http = new HTTPClient({
    clock,
    maxRetries: 0,
    timeout: { total: 500, attempt: 400 },
  });

  const outcome = http
    .get(server.url, { timeout: { attempt: 900 } })
    .catch((error: unknown) => error);
  await server.until(1);
  await clock.advance(500);

  expect(await outcome).toMatchObject({ code: "DEADLINE_EXCEEDED", timeoutMs: 500, attempts: 1 });
});

test("many calls with several time-outs each end at their own", async () => {
  await using server = await serve(() => {});
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock });
  const ended: string[] = [];
  const call = async (name: string, timeout: number, signal?: AbortSignal): Promise<void> => {
    await http
      .get(server.url, { timeout, signal })
      .catch(({ code }) => ended.push(`${name} ${code}`));
  };
  const controller = new AbortController();

  const first = call("a", 100);
  const second = call("b", 50, controller.signal);
  await clock.advance(20);
  const third = call("c", 100);
  const fourth = call("d", 50);
  controller.abort();
  await clock.advance(49);
  expect(ended).toEqual(["b ABORTED"]);
  await clock.advance(1);
  expect(ended).toEqual(["b ABORTED", "d DEADLINE_EXCEEDED"]);
  await clock.advance(30);
  await clock.advance(19);
  expect(ended).toHaveLength(3);
  await clock.advance(1);
  await Promise.all([first, second, third, fourth]);

  expect(ended.slice(2)).toEqual(["a DEADLINE_EXCEEDED", "c DEADLINE_EXCEEDED"]);
});

test("of a stream the client's total counts until its head; silence afterwards is an idle time-out", async () => {
  await using server = await serve((_, response) => response.write("a"));
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, timeout: 1_000 });

  const answer = await http.stream(server.url);
  const chunks = answer[Symbol.asyncIterator]();
  expect(Buffer.from((await chunks.next()).value).toString()).toBe("a");
  const rest = chunks.next().catch((error: unknown) => error);
  await clock.advance(59_999);
  expect(server.open).toBe(1);
  await clock.advance(1);

  expect(await rest).toMatchObject({ kind: "idle", timeoutMs: 60_000 });
  await server.idle();
  expect(clock.pending).toBe(0);
});

test("of a stream an attempt ends with its head, however long the body takes", async () => {
  let end: (() => void) | undefined;
  await using server = await serve((_, response) => {
    response.write("a");
    end = () => response.end("b");
  });
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, timeout: { attempt: 1_000, firstByte: 500 } });

  const answer = await http.stream(server.url);
  await clock.advance(30_000);
  end?.();

  expect(await answer.text()).toBe("ab");
  expect(clock.pending).toBe(0);
});

test("a total given with a stream counts for all of it", async () => {
  await using server = await serve((_, response) => response.write("a"));
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock });

  const answer = await http.stream(server.url, { timeout: 1_000 });
  const reading = answer.text().catch((error: unknown) => error);
  await clock.advance(1_000);

  expect(await reading).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await server.idle();
  expect(clock.pending).toBe(0);
});

test.each([{ total: 0 }, { attempt: -1 }, { firstByte: Number.NaN }, { idle: "5" as never }])(
  "the time-out %o is refused",
  async (timeout) => {
    expect(() => new HTTPClient({ timeout })).toThrow("must be more than 0 ms");
    await using http = new HTTPClient();
    await expect(http.get("http://127.0.0.1:1/", { timeout })).rejects.toThrow(
      "must be more than 0",
    );
  },
);
