import { readFileSync } from "node:fs";
import { type Link, memoryTransport, ProtocolError, seededRng } from "@net/core";
import { expect, test } from "vitest";
import { decodeFrame } from "../../../src/session/wire/decode.ts";
import { encode, encodeFrame, encodeMessage, encodeRun } from "../../../src/session/wire/encode.ts";
import type { Envelope } from "../../../src/session/wire/envelope.ts";
import { first, take, world } from "../support/pair.ts";
import { Stranger } from "../support/stranger.ts";

interface Vector {
  readonly what: string;
  readonly frame: string;
  readonly envelopes: readonly Envelope[];
}

function vectors(name: string): Vector[] {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function encodeAny(envelope: Envelope): string {
  if (envelope.kind === "run") {
    return encodeRun(
      envelope.seq,
      envelope,
      envelope.bodies.map((body) => JSON.stringify(body)),
    );
  }
  if (envelope.kind !== "msg") return encode(envelope);
  const { seq, id, body, redelivered } = envelope;
  return encodeMessage(seq, id, JSON.stringify(body), redelivered === true);
}

test.each(vectors("frames"))("frame: $what", ({ frame, envelopes }) => {
  expect(decodeFrame(bytes(frame))).toEqual(envelopes);
  const encoded = envelopes.map(encodeAny);
  expect(new TextDecoder().decode(encodeFrame(encoded))).toBe(frame);
});

test.each(vectors("violations"))("violation: $what", ({ frame }) => {
  expect(() => decodeFrame(bytes(frame))).toThrow(ProtocolError);
});

test("bytes that are no UTF-8, and bodies that nest too deep, are violations", () => {
  expect(() => decodeFrame(new Uint8Array([0x5b, 0xff, 0x5d]))).toThrow(ProtocolError);
  const nested = (depth: number): Uint8Array =>
    bytes(`[{"kind":"msg","seq":1,"id":"a","body":${"[".repeat(depth)}${"]".repeat(depth)}}]`);
  expect(decodeFrame(nested(64))).toHaveLength(1);
  expect(() => decodeFrame(nested(65))).toThrow(ProtocolError);
  expect(() => decodeFrame(nested(100_000))).toThrow(ProtocolError);
});

test("unknown fields are ignored", () => {
  expect(decodeFrame(bytes('[{"kind":"ack","seq":1,"later":true}]'))).toHaveLength(1);
});

test("whatever bytes come, decoding gives envelopes or a ProtocolError", () => {
  const rng = seededRng(42);
  const frames = vectors("frames").map(({ frame }) => bytes(frame));
  for (let i = 0; i < 5_000; i++) {
    const frame = Uint8Array.from(frames[i % frames.length] ?? []);
    for (let change = 0; change <= i % 4; change++) {
      frame[Math.floor(rng.next() * frame.length)] = Math.floor(rng.next() * 256);
    }
    try {
      expect(Array.isArray(decodeFrame(frame))).toBe(true);
    } catch (error) {
      expect(ProtocolError.is(error)).toBe(true);
    }
  }
});

async function stranger(): Promise<{
  link: Link;
  said: string[];
  advance: (ms: number) => Promise<void>;
}> {
  const { network, clock } = await world();
  const link = await network.at("stranger").dial("memory:server");
  const said: string[] = [];
  link.receive((frame) => said.push(new TextDecoder().decode(frame)));
  return { link, said, advance: (ms) => clock.advance(ms) };
}

const hello = vectors("frames")[0]?.frame ?? "";

test.each([
  { what: "no hello first", frames: ['[{"kind":"ping"}]'] },
  { what: "a message with the hello", frames: [hello.replace(/]$/, ',{"kind":"ping"}]')] },
  { what: "two hellos", frames: [hello, hello] },
  { what: "another version", frames: [hello.replace('"version":2', '"version":3')] },
  { what: "a hello of 17 KiB", frames: [hello.replace("secret", "s".repeat(17 * 1024))] },
  { what: "noise", frames: ["\u0000\u0001"] },
])("$what ends the link with protocol-error", async ({ frames }) => {
  const { link, said, advance } = await stranger();
  for (const frame of frames) link.send(bytes(frame));
  await advance(0);

  expect((await link.closed).code).toBe("protocol-error");
  expect(said.at(-1)).toContain('"kind":"bye","code":"protocol-error"');
});

test("an acknowledgement of what was never sent, and an overrun window, end the link", async () => {
  const message = (seq: number): string => `{"kind":"msg","seq":${seq},"id":"m${seq}","body":1}`;
  const flood = Array.from({ length: 300 }, (_, i) => message(i + 1));
  const run = `{"kind":"run","seq":1,"maker":"m","count":1,"bodies":[${"1,".repeat(299)}1]}`;
  for (const frame of ['[{"kind":"ack","seq":1}]', `[${flood.join(",")}]`, `[${run}]`]) {
    const { link, advance } = await stranger();
    link.send(bytes(hello));
    await advance(0);
    link.send(bytes(frame));
    await advance(0);
    expect((await link.closed).code).toBe("protocol-error");
  }
});

test("who says nothing is sent away after 5 s", async () => {
  const { link, advance } = await stranger();
  await advance(5_000);

  expect((await link.closed).code).toBe("refused");
});

test("an id that is held already is committed with the next, and not handed out", async () => {
  const { network, clock, accepted } = await world();
  const peer = new Stranger(await network.at("stranger").dial("memory:server"));
  peer.hello();
  await clock.advance(0);
  const message = (seq: number, id: string): string =>
    JSON.stringify({ kind: "msg", seq, id, body: seq });
  peer.say(message(1, "a"), message(2, "a"), message(3, "b"));
  await clock.advance(0);
  expect(await take(first(accepted), 2)).toEqual([1, 3]);
  await clock.advance(0);
  expect(peer.envelopes.at(-1)).toEqual({ kind: "ack", seq: 3 });
});

test("a message that is missing ends the link as lost, so that it comes again", async () => {
  const { link, advance } = await stranger();
  link.send(bytes(hello));
  await advance(0);
  link.send(bytes('[{"kind":"msg","seq":2,"id":"b","body":1}]'));
  await advance(0);

  expect((await link.closed).code).toBe("lost");
});

test.each(vectors("violations"))(
  "a server that breaks the protocol ends the session: $what",
  async ({ frame }) => {
    const network = memoryTransport();
    await network.listen("memory:server", (link) => {
      link.receive(() => link.send(bytes(frame)));
    });
    const { client } = await world();
    const laptop = client({ redial: (signal) => network.dial("memory:server", { signal }) });

    expect(ProtocolError.is(await laptop.closed)).toBe(true);
  },
);
