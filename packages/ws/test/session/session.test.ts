import {
  AbortedError,
  AuthenticationError,
  ClosedError,
  NetworkError,
  PermissionError,
  ProtocolError,
  type Schema,
  ValidationError,
} from "@net/core";
import { scriptedRng } from "@net/core/testing";
import { expect, test, vi } from "vitest";
import { first, memory, take, world } from "./support/pair.ts";

const numbersOnly: Schema<number> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof value === "number" ? { value } : { issues: [{ message: "expected a number" }] },
  },
};

test("a message arrives at the other end, and publish resolves when it is committed there", async () => {
  const { client, accepted, clock } = await world();
  const laptop = client();
  const published = laptop.publish({ text: "hello" });
  let isCommitted = false;
  void published.then(() => (isCommitted = true));
  await clock.advance(0);
  expect(isCommitted).toBe(false);

  expect(await take(first(accepted), 1)).toEqual([{ text: "hello" }]);
  await published;
});

test("messages go both ways in order", async () => {
  const { client, accepted, clock, server } = await world();
  const laptop = client();
  await clock.advance(0);
  const numbers = Array.from({ length: 1_000 }, (_, i) => i);
  const up = Promise.all(numbers.map((n) => laptop.publish(n)));
  const down = Promise.all(numbers.map((n) => server.publish("laptop", n)));
  expect(await take(first(accepted), 1_000)).toEqual(numbers);
  expect(await take(laptop, 1_000)).toEqual(numbers);
  await Promise.all([up, down]);
});

test("an id published twice is committed once, also when the first is long acknowledged", async () => {
  const { client, accepted, clock } = await world();
  const laptop = client();
  const twice = [laptop.publish("one", { id: "a" }), laptop.publish("one", { id: "a" })];
  await clock.advance(0);
  expect(await take(first(accepted), 1)).toEqual(["one"]);
  await Promise.all(twice);

  const third = laptop.publish("one", { id: "a" });
  const next = laptop.publish("two");
  expect(await take(first(accepted), 1)).toEqual(["two"]);
  await Promise.all([third, next]);
});

test("messages wait for a session that has no link, and arrive unflagged when it has one", async () => {
  const { client, server, clock } = await world();
  await server.enqueue("laptop", "while you were away");
  const laptop = client();
  await clock.advance(0);

  for await (const delivery of laptop.inbox()) {
    expect(delivery).toMatchObject({ seq: 1, body: "while you were away", redelivered: false });
    break;
  }
});

test("over lost links messages go on where they were, and the session is resumed", async () => {
  const { client, server, clock, network, accepted } = await world();
  const laptop = client();
  const welcomes: boolean[] = [];
  laptop.on("welcome", ({ resumed }) => welcomes.push(resumed));
  const seen: unknown[] = [];
  void (async () => {
    for await (const delivery of laptop.inbox()) {
      seen.push(delivery.body);
      await delivery.ack();
    }
  })();
  for (let i = 0; i < 5; i++) {
    void server.publish("laptop", i);
    await clock.advance(0);
    network.faults.loseLinks("server");
    await clock.advance(30_000);
  }

  expect(seen).toEqual([0, 1, 2, 3, 4]);
  expect(welcomes).toEqual([false, true, true, true, true, true]);
  expect(accepted).toHaveLength(6);
});

test("with ack, only what was not acknowledged comes again after a restart, flagged redelivered", async () => {
  const { client, server, clock } = await world();
  const store = memory();
  const before = client({ store });
  for (const body of ["one", "two", "three"]) await server.enqueue("laptop", body);
  await clock.advance(0);
  expect(await take(before, 1)).toEqual(["one"]);
  await before.close();

  const after = client({ store });
  await clock.advance(0);
  const seen: unknown[] = [];
  for await (const { body, redelivered, ack } of after.inbox()) {
    seen.push([body, redelivered]);
    await ack();
    if (seen.length === 2) break;
  }
  expect(seen).toEqual([
    ["two", true],
    ["three", true],
  ]);
});

test("leaving the loop gives back what was not acknowledged, flagged redelivered", async () => {
  const { client, server, clock } = await world();
  const laptop = client();
  await server.enqueue("laptop", "work");
  await clock.advance(0);
  await expect(
    (async () => {
      for await (const _ of laptop.inbox()) throw new Error("work failed");
    })(),
  ).rejects.toThrow("work failed");

  for await (const delivery of laptop.inbox()) {
    expect(delivery).toMatchObject({ body: "work", redelivered: true });
    break;
  }
});

test("acknowledged out of order, a message counts once those before it are acknowledged too", async () => {
  const { client, server, clock } = await world();
  const laptop = client();
  const published = [server.publish("laptop", 1), server.publish("laptop", 2)];
  await clock.advance(0);
  const inbox = laptop.inbox();
  const [one, two] = [(await inbox.next()).value, (await inbox.next()).value];
  if (!one || !two) throw new Error("two messages were expected");
  let isSecondAcknowledged = false;
  const second = two.ack().then(() => (isSecondAcknowledged = true));
  await clock.advance(0);
  expect(isSecondAcknowledged).toBe(false);
  await one.ack();
  await second;
  await Promise.all(published);
});

test("commit runs the effects once, in order only, and says false for what was committed", async () => {
  const { client, server, clock } = await world();
  const laptop = client();
  await server.enqueue("laptop", 1);
  await server.enqueue("laptop", 2);
  await clock.advance(0);
  const inbox = laptop.inbox();
  const [one, two] = [(await inbox.next()).value, (await inbox.next()).value];
  if (!one || !two) throw new Error("two messages were expected");
  let effects = 0;
  const effect = (): void => void effects++;

  await expect(two.commit(effect)).rejects.toThrow(
    expect.objectContaining({ code: "INVALID_STATE" }),
  );
  expect(await one.commit(effect)).toBe(true);
  expect(await one.commit(effect)).toBe(false);
  expect(await two.commit(effect)).toBe(true);
  expect(effects).toBe(2);
});

test("a slow reader holds the other end at the window, and nothing is lost", async () => {
  const { client, accepted, clock } = await world({ window: { messages: 4 } });
  const laptop = client();
  const published = Array.from({ length: 50 }, (_, i) => laptop.publish(i));
  await clock.advance(0);
  const inbox = first(accepted).inbox();
  const held = [];
  for (let i = 0; i < 4; i++) held.push((await inbox.next()).value);
  let came = false;
  void inbox.next().then(() => (came = true));
  await clock.advance(1_000);
  expect(came).toBe(false);

  await held[0]?.ack();
  await clock.advance(0);
  expect(came).toBe(true);
  for (const delivery of held) await delivery?.ack();
  await inbox.return();
  const rest = await take(first(accepted), 46);
  expect(rest).toEqual(Array.from({ length: 46 }, (_, i) => i + 4));
  await Promise.all(published);
});

test("a frozen link is found by its silence, at both ends", async () => {
  const { client, clock, network, accepted } = await world({ ping: 1_000 });
  const laptop = client({ ping: 1_000 });
  await clock.advance(10_000);
  expect(laptop.state).toBe("open");
  network.faults.freeze("server");
  await clock.advance(3_000);
  expect(laptop.state).not.toBe("open");
  network.faults.thaw("server");
  await clock.advance(60_000);
  expect(laptop.state).toBe("open");
  expect(first(accepted).state).toBe("closed");
});

test("an end that has lost its store is said not to be resumed; what waited is delivered all the same", async () => {
  const { client, server, clock } = await world();
  const before = client();
  await clock.advance(0);
  await server.enqueue("laptop", "one");
  await server.enqueue("laptop", "two");
  expect(await take(before, 1)).toEqual(["one"]);
  await clock.advance(0);
  await before.close();

  const after = client({ store: memory() });
  const [{ resumed }] = await after.once("welcome");
  expect(resumed).toBe(false);
  await clock.advance(0);
  expect(await take(after, 1)).toEqual(["two"]);
});

test("an end whose store is older than what it once said is not resumed either", async () => {
  const { client, server } = await world();
  const before = client();
  const [{ epoch }] = await before.once("welcome");
  const one = server.publish("laptop", "one");
  expect(await take(before, 1)).toEqual(["one"]);
  await one;
  await before.close();
  const backup = memory();
  await backup.reset("laptop", epoch);

  const [{ resumed }] = await client({ store: backup }).once("welcome");
  expect(resumed).toBe(false);
});

test("a new link waits for what the one before does in the store, and is told of it", async () => {
  const gate = Promise.withResolvers<void>();
  const { client, server, clock, accepted } = await world();
  const store = memory();
  const before = client({ store });
  await clock.advance(0);
  const lost = expect(before.publish("one")).rejects.toThrow(ClosedError);
  const { value: one } = await first(accepted).inbox().next();
  const committed = one?.commit(() => gate.promise);
  await clock.advance(0);

  const after = client({ store }, "phone");
  await clock.advance(1_000);
  expect(after.state).toBe("connecting");
  gate.resolve();
  expect(await committed).toBe(true);
  await clock.advance(0);
  expect(after.state).toBe("open");
  await lost;
  expect((await store.load("laptop"))?.acked).toBe(1);
  expect(server.size).toBe(1);
});

test("the newest client has the session: the one before ends for good, and they do not duel", async () => {
  const { client, clock, accepted } = await world();
  const one = client();
  await clock.advance(0);
  const two = client({}, "phone");
  await clock.advance(0);
  const end = await one.closed;

  expect(ClosedError.is(end)).toBe(true);
  expect((end as ClosedError).details).toEqual({ reason: "replaced" });
  await clock.advance(600_000);
  expect(two.state).toBe("open");
  expect(accepted).toHaveLength(2);
  await expect(one.publish("too late")).rejects.toThrow(ClosedError);
});

test("when a token expires the client asks for another and goes on", async () => {
  const tokens = ["first", "stale", "second"];
  const asked: string[] = [];
  const { client, clock, server } = await world({
    authenticate: ({ session, token = "" }) => {
      asked.push(token);
      if (token === "stale") throw new AuthenticationError("expired");
      return { session, ...(token === "first" && { expiresAtMs: clock.nowMs() + 5_000 }) };
    },
  });
  const laptop = client({ token: () => tokens.shift() ?? "none" });
  await clock.advance(4_999);
  expect(laptop.state).toBe("open");
  await server.enqueue("laptop", "still here");
  await clock.advance(2_000);

  expect(asked).toEqual(["first", "stale", "second"]);
  expect(await take(laptop, 1)).toEqual(["still here"]);
});

test("a token that is refused twice in a row ends the session; a fixed one at once", async () => {
  let asked = 0;
  const { client, clock } = await world({
    authenticate: () => {
      asked++;
      throw new AuthenticationError("who are you?");
    },
  });
  const fixed = client({ token: "wrong" });
  await clock.advance(0);
  expect(AuthenticationError.is(await fixed.closed)).toBe(true);
  expect(asked).toBe(1);
  const asking = client({ token: () => "wrong" });
  await clock.advance(0);
  expect(AuthenticationError.is(await asking.closed)).toBe(true);
  expect(asked).toBe(3);
});

test("a store that fails rejects the call, and what it could not take is not lost once it works", async () => {
  const store = memory();
  let isFailing = false;
  const failing = new Proxy(store, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        if (isFailing) throw new NetworkError("OUT_OF_RESOURCES", "the disk is full");
        return Reflect.apply(value, target, args);
      };
    },
  });
  const { client, server, clock } = await world();
  const laptop = client({ store: failing });
  await server.enqueue("laptop", "keep me");
  await clock.advance(0);
  const inbox = laptop.inbox();
  const { value: delivery } = await inbox.next();
  if (!delivery) throw new Error("a message was expected");
  isFailing = true;
  const full = expect.objectContaining({ code: "OUT_OF_RESOURCES" });
  await expect(delivery.ack()).rejects.toThrow(full);
  await expect(laptop.publish("no room")).rejects.toThrow(full);
  await server.enqueue("laptop", "keep me too");
  await clock.advance(1_000);
  isFailing = false;
  await clock.advance(60_000);

  await delivery.ack();
  expect((await inbox.next()).value?.body).toBe("keep me too");
  await inbox.return();
});

test("what comes after a message that could not be taken is not taken before it", async () => {
  const store = memory();
  const gate = Promise.withResolvers<never>();
  const failing = Object.create(store, {
    committed: { value: vi.fn(store.committed.bind(store)).mockReturnValueOnce(gate.promise) },
  }) as typeof store;
  for (const name of ["load", "reset", "append", "offer", "acknowledge", "commit"] as const) {
    Object.defineProperty(failing, name, { value: store[name].bind(store) });
  }
  const { client, server, clock } = await world();
  const laptop = client({ store: failing });
  await clock.advance(0);
  for (const body of ["one", "two"]) {
    await server.enqueue("laptop", body, { id: body });
    await clock.advance(0);
  }
  gate.reject(new NetworkError("OUT_OF_RESOURCES", "the disk is full"));
  await clock.advance(60_000);

  expect(await take(laptop, 2)).toEqual(["one", "two"]);
});

test("requests are answered both ways, and errors keep their code", async () => {
  const { client, clock, accepted } = await world();
  const laptop = client();
  await clock.advance(0);
  first(accepted).handle("add", (params) => {
    const [a, b] = params as [number, number];
    return a + b;
  });
  laptop.handle("fail", () => {
    throw new PermissionError("not yours");
  });
  laptop.handle("crash", () => {
    throw new TypeError("a secret of the handler");
  });

  expect(await laptop.request("add", [1, 2])).toBe(3);
  await expect(first(accepted).request("fail")).rejects.toThrow(PermissionError);
  await expect(first(accepted).request("crash")).rejects.toThrow("the handler failed");
  await expect(laptop.request("unknown")).rejects.toThrow(
    expect.objectContaining({ code: "NOT_FOUND" }),
  );
});

test("a request that takes too long is given up at both ends; a lost link makes its outcome unknown", async () => {
  const { client, clock, accepted, network } = await world();
  const laptop = client();
  await clock.advance(0);
  const stopped: string[] = [];
  first(accepted).handle("wait", (_, { signal }) => {
    signal.addEventListener("abort", () => stopped.push("stopped"));
    return new Promise<undefined>(() => {});
  });
  const late = expect(laptop.request("wait", null, { timeout: 1_000 })).rejects.toThrow(
    expect.objectContaining({ code: "TIMEOUT" }),
  );
  await clock.advance(1_000);
  await late;
  expect(stopped).toEqual(["stopped"]);
  const lost = expect(laptop.request("wait")).rejects.toThrow(
    expect.objectContaining({ code: "OUTCOME_UNKNOWN" }),
  );
  await clock.advance(0);
  network.faults.loseLinks("server");
  await clock.advance(0);
  await lost;
  expect(stopped).toEqual(["stopped", "stopped"]);
});

test("a server that closes asks everybody to come back at a moment of its choosing", async () => {
  const { client, clock, server } = await world({ rng: scriptedRng([0.5]) });
  const laptop = client();
  await clock.advance(0);
  const retried = laptop.once("retry");
  await server.close({ spread: 10_000 });
  const [{ delayMs }] = await retried;

  expect(delayMs).toBe(5_000);
});

test("after a sudden loss the client waits within the spread that the welcome told", async () => {
  const { client, clock, network } = await world({ spread: 20_000 });
  const laptop = client({ rng: scriptedRng([0.25]) });
  await clock.advance(0);
  const retried = laptop.once("retry");
  network.faults.loseLinks("server");
  const [{ delayMs }] = await retried;

  expect(delayMs).toBe(5_000);
});

test("a body that does not fit the schema ends the session and stays with the other end", async () => {
  const { client, clock, server } = await world();
  const laptop = client({ schema: numbersOnly });
  await server.enqueue("laptop", "no number");
  await clock.advance(0);

  expect(ProtocolError.is(await laptop.closed)).toBe(true);
  expect(await server.enqueue("laptop", 2)).toBeUndefined();
});

test("what is no JSON, too large, too deep or has a wrong id is refused before it is stored", async () => {
  const { client } = await world();
  const laptop = client({ maxMessageBytes: 10 });
  const deep = JSON.parse(`${"[".repeat(65)}${"]".repeat(65)}`);
  await expect(laptop.publish(undefined as never)).rejects.toThrow(ValidationError);
  await expect(laptop.publish("ten bytes.")).rejects.toThrow(
    expect.objectContaining({ code: "FRAME_TOO_LARGE" }),
  );
  await expect(laptop.publish(deep)).rejects.toThrow(ValidationError);
  await expect(laptop.publish(1, { id: "" })).rejects.toThrow(ValidationError);
});

test("aborting stops waiting; closing rejects those who wait and ends the inbox; twice is once", async () => {
  const { client, clock } = await world();
  const laptop = client();
  const controller = new AbortController();
  await clock.advance(0);
  const aborted = laptop.publish("a", { signal: controller.signal });
  const waiting = laptop.publish("b");
  const refused = expect(waiting).rejects.toThrow(ClosedError);
  controller.abort();
  await expect(aborted).rejects.toThrow(AbortedError);
  const next = laptop.inbox().next();
  await laptop.close();
  await laptop.close();
  await refused;
  expect(await next).toEqual({ done: true, value: undefined });
  expect(await laptop.closed).toBeUndefined();
  expect(laptop.state).toBe("closed");
});

test("nothing is left behind: no timer on the clock, no session at the server", async () => {
  const { client, clock, server } = await world();
  const laptop = client();
  await clock.advance(0);
  expect(server.size).toBe(1);
  await laptop.close();
  await clock.advance(10_000);

  expect(server.size).toBe(0);
  expect(clock.pending).toBe(0);
});
