import { EventEmitter, once } from "node:events";
import { createServer as createHTTPServer } from "node:http";
import { createServer } from "node:net";
import { startListening } from "@net/core";
import { expect, test } from "vitest";

const anywhere = { host: "127.0.0.1", port: 0 };
const address = "tcp://127.0.0.1:0";

test("the port that the system chose is told, and nothing keeps listening to the server's events", async () => {
  for (const server of [createServer(), createHTTPServer()]) {
    const before = server.listenerCount("listening");
    const port = await startListening(server, anywhere, { address });
    expect(port).toBeGreaterThan(0);
    expect(server.listening).toBe(true);
    expect(server.listenerCount("error")).toBe(0);
    expect(server.listenerCount("listening")).toBe(before);
    server.close();
    await once(server, "close");
  }
});

test("an address in use is ADDRESS_IN_USE of the phase listen, and says which", async () => {
  const [first, second] = [createServer(), createServer()];
  const port = await startListening(first, anywhere, { address });
  const taken = `tcp://127.0.0.1:${port}`;
  await expect(
    startListening(second, { host: "127.0.0.1", port }, { address: taken }),
  ).rejects.toMatchObject({
    code: "ADDRESS_IN_USE",
    details: { phase: "listen" },
    message: expect.stringContaining(taken) as string,
  });
  expect(second.listening).toBe(false);
  first.close();
});

test("what listen throws at once rejects as INVALID_ARGUMENT", async () => {
  const where = { host: "127.0.0.1", port: 70_000 };
  await expect(startListening(createServer(), where, { address })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("an abort before and during leaves nothing open", async () => {
  const server = createServer();
  const before = startListening(server, anywhere, { address, signal: AbortSignal.abort() });
  await expect(before).rejects.toMatchObject({ code: "ABORTED" });
  expect(server.listening).toBe(false);
  const controller = new AbortController();
  const during = startListening(server, anywhere, { address, signal: controller.signal });
  controller.abort();
  await expect(during).rejects.toMatchObject({ code: "ABORTED" });
  expect(server.listening).toBe(false);
});

/** Like Node's while it looks a name up: closing does not stop it from listening when the answer comes. */
class SlowServer extends EventEmitter {
  listening = false;
  listen(_where: object): void {}
  close(): void {
    this.listening = false;
  }
  address(): null {
    return null;
  }
  found(): void {
    this.listening = true;
    this.emit("listening");
  }
}

test("an abort while a name is looked up leaves nothing open, whatever comes of the look-up", async () => {
  const server = new SlowServer();
  const controller = new AbortController();
  const listening = startListening(server, {}, { address, signal: controller.signal });
  controller.abort();
  await expect(listening).rejects.toMatchObject({ code: "ABORTED" });
  server.emit("error", new Error("ENOTFOUND")); // Would throw if nobody listened.
  server.found();
  expect(server.listening).toBe(false);
});
