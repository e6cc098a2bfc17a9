import {
  BaseLink,
  type BaseLinkOptions,
  ClosedError,
  type CloseReason,
  NetworkError,
  ValidationError,
} from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";

const lost: CloseReason = { code: "lost", message: "cable cut", remote: true };

/** A link whose transport is the test. */
class ManualLink extends BaseLink {
  readonly calls: string[] = [];
  readonly goodbye = Promise.withResolvers<void>();
  buffered = 0;

  constructor(options: Partial<BaseLinkOptions> = {}) {
    super({ remoteAddress: "manual:other", clock: new FakeClock(), ...options });
  }

  arrive(...texts: string[]): void {
    for (const text of texts) this.deliver(Buffer.from(text));
  }

  die(reason: CloseReason = lost): void {
    this.ended(reason);
  }

  refuse(): void {
    this.refused({ code: "protocol-error", message: "nonsense", remote: true });
  }

  leave(): void {
    this.buffered = 0;
    this.flushed();
  }

  protected bufferedBytes(): number {
    return this.buffered;
  }

  protected write(frame: Uint8Array): void {
    this.buffered += frame.byteLength;
  }

  protected flow(on: boolean): void {
    this.calls.push(on ? "flow" : "hold");
  }

  protected sayGoodbye(reason: CloseReason): Promise<void> {
    this.calls.push(`goodbye ${reason.code}`);
    return this.goodbye.promise;
  }

  protected destroy(reason: CloseReason): void {
    this.calls.push(`destroy ${reason.code}`);
  }
}

function listening(link: ManualLink, onFrame: (text: string) => void = () => {}): string[] {
  const seen: string[] = [];
  link.receive((frame) => {
    const text = Buffer.from(frame).toString();
    seen.push(text);
    onFrame(text);
  });
  return seen;
}

test("whatever ends a link, it ends once, for the first reason, and is destroyed once", async () => {
  const link = new ManualLink();
  link.die();
  link.die({ code: "normal", message: "", remote: true });
  link.refuse();
  link.abort();
  await link.close();

  expect(await link.closed).toBe(lost);
  expect(link.calls).toEqual(["destroy lost"]);
});

test("an abort ends a polite close that takes its time, and both who closed are told", async () => {
  const clock = new FakeClock();
  const link = new ManualLink({ clock });
  const closing = [link.close({ code: "going-away" }), link.close()];
  link.abort({ code: "internal" });
  await Promise.all(closing);

  expect(await link.closed).toMatchObject({ code: "going-away", remote: false });
  expect(link.calls).toEqual(["goodbye going-away", "destroy going-away"]);
  expect(clock.pending).toBe(0);
});

test("a polite close ends when its time is over, or its goodbye fails", async () => {
  const clock = new FakeClock();
  const patient = new ManualLink({ clock });
  const closing = patient.close({}, { timeout: 50 });
  await clock.advance(49);
  expect(patient.calls).toEqual(["goodbye normal"]);
  await clock.advance(1);
  await closing;
  expect(patient.calls).toEqual(["goodbye normal", "destroy normal"]);

  const broken = new ManualLink();
  broken.goodbye.reject(new Error("broken pipe"));
  await broken.close();
  expect(broken.calls).toEqual(["goodbye normal", "destroy normal"]);
});

test("a timeout that is no number is said so, and ends the link all the same", async () => {
  const link = new ManualLink();
  await expect(link.close({}, { timeout: Number.NaN })).rejects.toThrow(ValidationError);

  expect(link.calls).toEqual(["destroy normal"]);
  expect((await link.closed).code).toBe("normal");
});

test("an end waits behind the frames that are held, and a local close does not", async () => {
  const patient = new ManualLink();
  patient.pause();
  const seen = listening(patient);
  patient.arrive("a", "b");
  patient.die();
  expect(() => patient.send(new Uint8Array(1))).toThrow(ClosedError);
  patient.resume();
  expect(seen).toEqual(["a", "b"]);
  expect(await patient.closed).toBe(lost);

  const closing = new ManualLink();
  closing.pause();
  const unseen = listening(closing);
  closing.arrive("a");
  closing.die();
  closing.goodbye.resolve();
  await closing.close();
  closing.resume();
  closing.arrive("b");
  expect(unseen).toEqual([]);
  expect((await closing.closed).remote).toBe(false);
});

test("a receiver that pauses keeps what follows for later, in order", () => {
  const link = new ManualLink();
  link.arrive("a", "b", "c");
  const seen = listening(link, (text) => {
    if (text === "b") link.pause();
  });
  link.arrive("d");
  expect(seen).toEqual(["a", "b"]);
  link.resume();

  expect(seen).toEqual(["a", "b", "c", "d"]);
  expect(link.calls).toEqual(["hold", "flow"]);
});

test("a receiver that pauses and resumes at once is not called within its own call", () => {
  const link = new ManualLink();
  link.arrive("a", "b", "c");
  let depth = 0;
  const depths: number[] = [];
  listening(link, () => {
    depths.push(++depth);
    link.pause();
    link.resume();
    depth--;
  });

  expect(depths).toEqual([1, 1, 1]);
});

test.each(["close", "abort"] as const)(
  "a receiver that calls %s is not called again",
  async (how) => {
    const link = new ManualLink();
    link.arrive("a", "b");
    link.goodbye.resolve();
    const seen = listening(link, () => void link[how]());
    link.arrive("c");
    await link.closed;

    expect(seen).toEqual(["a"]);
  },
);

test("whoever hears of the end can neither send nor wait, and need not close", async () => {
  const link = new ManualLink();
  const after = link.closed.then(async () => {
    expect(() => link.send(new Uint8Array(1))).toThrow(ClosedError);
    await expect(link.drained()).rejects.toThrow(ClosedError);
    link.abort();
    await link.close();
  });
  link.die();
  await after;

  expect(link.calls).toEqual(["destroy lost"]);
});

test("all who wait for room get it at once, and all are refused when the link dies", async () => {
  const link = new ManualLink({ highWaterMark: 10 });
  expect(link.send(new Uint8Array(10))).toBe(true);
  expect(link.send(new Uint8Array(1))).toBe(false);
  const waiting = Promise.all([link.drained(), link.drained()]);
  link.leave();
  await waiting;

  link.send(new Uint8Array(11));
  const refused = Promise.allSettled([link.drained(), link.drained()]);
  link.die({ ...lost, error: new NetworkError("CONNECTION_LOST", "cable cut") });
  for (const result of await refused) {
    expect(result).toMatchObject({
      reason: { code: "CLOSED", cause: { code: "CONNECTION_LOST" } },
    });
  }
});

test("nobody needs to hear that the link died before there was room", async () => {
  const link = new ManualLink({ highWaterMark: 10 });
  link.send(new Uint8Array(11));
  await expect(link.drained({ signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "ABORTED",
  });
  link.die();
  await settle();
});

test("who breaks the protocol is told, and the end counts as his", async () => {
  const link = new ManualLink();
  listening(link);
  link.refuse();
  expect(await link.closed).toMatchObject({ code: "protocol-error", remote: true });
  expect(link.calls).toEqual(["flow", "goodbye protocol-error"]);
  const closing = link.close();
  link.goodbye.resolve();
  await closing;

  expect(link.calls).toEqual(["flow", "goodbye protocol-error", "destroy protocol-error"]);
});

test("what came whole before a violation is still passed on", async () => {
  const link = new ManualLink();
  link.arrive("fine");
  link.refuse();
  const seen = listening(link);

  expect(seen).toEqual(["fine"]);
  expect((await link.closed).code).toBe("protocol-error");
});

test.each([
  { maxFrameBytes: 0 },
  { maxFrameBytes: Number.NaN },
  { highWaterMark: -1 },
  { highWaterMark: Number.NaN },
])("%j is a ValidationError, not a link that hangs", (limits) => {
  expect(() => new ManualLink(limits)).toThrow(ValidationError);
});
