import { readFileSync } from "node:fs";
import { NetworkError, ProtocolError } from "@net/core";
import { expect, test } from "vitest";
import { CipherState } from "../../src/noise/cipher-state.ts";
import { NoiseHandshake } from "../../src/noise/handshake.ts";
import { dhKeyPair, generateDHKeyPair } from "../../src/noise/x25519.ts";

/** One of the public vectors of the cacophony library; its licence lies beside it. */
interface Vector {
  readonly init_prologue: string;
  readonly init_static: string;
  readonly init_ephemeral: string;
  readonly resp_prologue: string;
  readonly resp_static: string;
  readonly resp_ephemeral: string;
  readonly handshake_hash: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const vector = JSON.parse(
  readFileSync(new URL("vectors/cacophony-xx.json", import.meta.url), "utf8"),
) as Vector;
const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");
const nothing = new Uint8Array(0);

function vectorEnds(): [NoiseHandshake, NoiseHandshake] {
  const initiator = new NoiseHandshake({
    role: "initiator",
    prologue: bytes(vector.init_prologue),
    staticKey: dhKeyPair(bytes(vector.init_static)),
    ephemeralKey: dhKeyPair(bytes(vector.init_ephemeral)),
  });
  const responder = new NoiseHandshake({
    role: "responder",
    prologue: bytes(vector.resp_prologue),
    staticKey: dhKeyPair(bytes(vector.resp_static)),
    ephemeralKey: dhKeyPair(bytes(vector.resp_ephemeral)),
  });
  return [initiator, responder];
}

function ends(prologues = ["same", "same"]): [NoiseHandshake, NoiseHandshake] {
  const make = (role: "initiator" | "responder", prologue = ""): NoiseHandshake =>
    new NoiseHandshake({ role, prologue: Buffer.from(prologue), staticKey: generateDHKeyPair() });
  return [make("initiator", prologues[0]), make("responder", prologues[1])];
}

/** What an end encrypts and decrypts with after its handshake. */
function ciphersOf(end: NoiseHandshake): { send: CipherState; receive: CipherState } {
  const { sendKey, receiveKey } = end.finish();
  return { send: new CipherState(sendKey), receive: new CipherState(receiveKey) };
}

test("every byte is as the public vectors say, handshake and after", () => {
  const [initiator, responder] = vectorEnds();
  const handshake = vector.messages.slice(0, 3);
  handshake.forEach(({ payload, ciphertext }, step) => {
    const [writer, reader] = step % 2 === 0 ? [initiator, responder] : [responder, initiator];
    const message = writer.write(bytes(payload));

    expect(hex(message)).toBe(ciphertext);
    expect(hex(reader.read(message))).toBe(payload);
  });
  expect(hex(initiator.finish().handshakeHash)).toBe(vector.handshake_hash);
  expect(hex(responder.finish().handshakeHash)).toBe(vector.handshake_hash);
  const [here, there] = [ciphersOf(initiator), ciphersOf(responder)];
  vector.messages.slice(3).forEach(({ payload, ciphertext }, i) => {
    const [from, to] = i % 2 === 0 ? [there, here] : [here, there];
    const sealed = from.send.encrypt(bytes(payload), nothing);

    expect(hex(sealed)).toBe(ciphertext);
    expect(hex(to.receive.decrypt(sealed, nothing))).toBe(payload);
  });
});

test("each end learns the static key that the other holds", () => {
  const [initiator, responder] = vectorEnds();
  for (const [writer, reader] of [
    [initiator, responder],
    [responder, initiator],
    [initiator, responder],
  ] as const) {
    reader.read(writer.write(nothing));
  }

  expect(initiator.remoteStaticKey).toEqual(dhKeyPair(bytes(vector.resp_static)).publicKey);
  expect(responder.remoteStaticKey).toEqual(dhKeyPair(bytes(vector.init_static)).publicKey);
});

test("ends that differ in the prologue do not meet", () => {
  const [initiator, responder] = ends(["net/1", "net/2"]);
  responder.read(initiator.write(nothing));

  expect(() => initiator.read(responder.write(nothing))).toThrow(ProtocolError);
});

test("a handshake message with any bit flipped, or cut anywhere, ends the handshake", () => {
  const [, probe] = vectorEnds();
  probe.read(bytes(vector.messages[0]?.ciphertext ?? ""));
  const length = probe.write(bytes(vector.messages[1]?.payload ?? "")).byteLength;
  for (let at = 0; at < length; at++) {
    const [initiator, responder] = vectorEnds();
    responder.read(initiator.write(nothing));
    const message = responder.write(bytes(vector.messages[1]?.payload ?? ""));
    const flipped = Uint8Array.from(message);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    const [other] = vectorEnds();
    other.write(nothing);

    expect(() => initiator.read(flipped), `bit at ${at}`).toThrow(ProtocolError);
    expect(() => other.read(message.subarray(0, at)), `cut at ${at}`).toThrow(ProtocolError);
  }
});

test("a key that makes everybody's secret the same is refused", () => {
  const [, responder] = ends();
  responder.read(new Uint8Array(32));

  expect(() => responder.write(nothing)).toThrow("makes no secret");
});

test("messages are written and read in turn", () => {
  const [initiator, responder] = ends();
  const invalidState = expect.objectContaining({ code: "INVALID_STATE" });

  expect(() => responder.write(nothing)).toThrow(invalidState);
  expect(() => initiator.read(nothing)).toThrow(NetworkError);
  expect(() => initiator.finish()).toThrow(invalidState);
  initiator.write(nothing);
  expect(() => initiator.write(nothing)).toThrow(invalidState);
});

test("after the handshake a message that is altered, repeated or left out does not decrypt", () => {
  const met = (): { send: (text: string) => Uint8Array; open: (sealed: Uint8Array) => string } => {
    const [initiator, responder] = ends();
    responder.read(initiator.write(nothing));
    initiator.read(responder.write(nothing));
    responder.read(initiator.write(nothing));
    const [here, there] = [ciphersOf(initiator), ciphersOf(responder)];
    return {
      send: (text) => here.send.encrypt(Buffer.from(text), nothing),
      open: (sealed) => Buffer.from(there.receive.decrypt(sealed, nothing)).toString(),
    };
  };
  const repeated = met();
  const first = repeated.send("one");
  expect(repeated.open(first)).toBe("one");
  expect(() => repeated.open(first)).toThrow(ProtocolError);

  const leftOut = met();
  leftOut.send("one");
  expect(() => leftOut.open(leftOut.send("two"))).toThrow(ProtocolError);

  const altered = met();
  const sealed = altered.send("one");
  sealed[0] = (sealed[0] ?? 0) ^ 1;
  expect(() => altered.open(sealed)).toThrow(ProtocolError);
  expect(() => met().open(new Uint8Array(15))).toThrow("too short");
});
