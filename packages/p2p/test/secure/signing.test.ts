import { createHash } from "node:crypto";
import { type CloseReason, type Link, memoryTransport, ProtocolError } from "@net/core";
import { DeviceIdentity, verifySignature } from "@net/core/identity";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import type { NoiseRole } from "../../src/noise/handshake.ts";
import {
  Direction,
  identitySigner,
  identityVerifier,
  secretSignatures,
} from "../../src/secure/batch-signature.ts";
import { DEFAULT_CHANNEL_POLICY, type Signing } from "../../src/secure/channel-policy.ts";
import { type Secured, secure } from "../../src/secure/secure.ts";

const secret: Signing = {
  kind: "secret",
  secret: Buffer.from("a secret of the test, 32 bytes long"),
};
const other: Signing = {
  kind: "secret",
  secret: Buffer.from("another secret, as long as the first"),
};
const identity: Signing = { kind: "identity" };

function secured(link: Link, role: NoiseRole, signing?: Signing): Promise<Secured<Uint8Array>> {
  return secure(link, {
    ...{ role, context: "link", identity: DeviceIdentity.generate() },
    policy: { ...DEFAULT_CHANNEL_POLICY, signing },
    introduction: new Uint8Array(0),
    check: (_body, device) => device,
    errorOf: ({ error, code, message }: CloseReason) =>
      error ?? new ProtocolError(`${code}: ${message}`),
    refuse: async (refused, error) =>
      refused.close({ code: "unauthorized", message: (error as Error).message }),
    signal: new AbortController().signal,
  });
}

async function meet(dialler?: Signing, acceptor?: Signing) {
  const network = memoryTransport();
  const accepted = Promise.withResolvers<Link>();
  await network.listen("memory:target", accepted.resolve);
  const below = await network.dial("memory:target");
  const ends = [
    secured(below, "initiator", dialler),
    secured(await accepted.promise, "responder", acceptor),
  ];
  return await Promise.allSettled(ends);
}

function linksOf(ends: readonly PromiseSettledResult<Secured<Uint8Array>>[]) {
  const [here, there] = ends.map(
    (end) => (end as PromiseFulfilledResult<Secured<Uint8Array>>).value,
  );
  if (!here || !there) throw new Error("two ends were to meet");
  return { here: here.link, there: there.link };
}

test.each([
  ["a common secret", secret],
  ["their devices' keys", identity],
])("two ends that sign with %s understand each other, both ways", async (_what, signing) => {
  const { here, there } = linksOf(await meet(signing, signing));
  const heard: string[] = [];
  here.receive((frame) => heard.push(`here ${Buffer.from(frame)}`));
  there.receive((frame) => heard.push(`there ${Buffer.from(frame)}`));
  for (const text of ["one", "two"]) {
    here.send(Buffer.from(text));
    await settle();
  }
  there.send(Buffer.from("three"));
  await settle();

  expect(heard).toEqual(["there one", "there two", "here three"]);
});

test.each<[string, Signing | undefined, Signing | undefined]>([
  ["one does not sign", identity, undefined],
  ["the other does not sign", undefined, secret],
  ["they sign in different ways", identity, secret],
])("where %s, the handshake fails and says why", async (_what, dialler, acceptor) => {
  const [here, there] = await meet(dialler, acceptor);

  expect(here).toMatchObject({ status: "rejected", reason: { code: "AUTHENTICATION_FAILED" } });
  expect(there).toMatchObject({ status: "rejected" });
  expect(String((here as PromiseRejectedResult).reason)).toContain("signs its messages with");
});

test("ends with different secrets part at the first word, and know why", async () => {
  const { here, there } = linksOf(await meet(secret, other));
  const heard: unknown[] = [];
  there.receive((frame) => heard.push(frame));
  here.receive(() => {});
  here.send(Buffer.from("hello"));

  expect(await there.closed).toMatchObject({
    code: "unauthorized",
    message: "a batch is not signed with the signingKey of this peer",
  });
  expect(await here.closed).toMatchObject({ code: "unauthorized", remote: true });
  expect(heard).toEqual([]);
});

const channel = new Uint8Array(32).fill(9);
const batch = Buffer.from("what is said in one moment");
const { fromInitiator, fromResponder } = Direction;

test("a signature is the device's, over purpose, channel, direction, number and digest", () => {
  const device = DeviceIdentity.generate();
  const signer = identitySigner(device, channel, fromResponder);
  signer.sign(Buffer.from("another"));
  const signature = signer.sign(batch);
  const number = Buffer.from("0000000000000001", "hex");
  const digest = createHash("sha256").update(batch).digest();
  const signed = Buffer.concat([
    Buffer.from("net/p2p batch\0"),
    channel,
    Buffer.from([1]),
    number,
    digest,
  ]);

  expect(verifySignature(device.publicKey, signed, signature)).toBe(true);
});

test.each<[string, (device: DeviceIdentity) => ReturnType<typeof identityVerifier>, number]>([
  [
    "of another device",
    () => identityVerifier(DeviceIdentity.generate().publicKey, channel, fromInitiator),
    0,
  ],
  [
    "on another channel",
    ({ publicKey }) => identityVerifier(publicKey, new Uint8Array(32), fromInitiator),
    0,
  ],
  [
    "of the other direction",
    ({ publicKey }) => identityVerifier(publicKey, channel, fromResponder),
    0,
  ],
  [
    "of another place in the conversation",
    ({ publicKey }) => identityVerifier(publicKey, channel, fromInitiator),
    1,
  ],
])("a signature %s is none", (_what, verifierFor, skipped) => {
  const device = DeviceIdentity.generate();
  const signer = identitySigner(device, channel, fromInitiator);
  for (let count = 0; count < skipped; count++) signer.sign(batch);

  expect(() => verifierFor(device).check(batch, signer.sign(batch))).toThrow(
    "not signed by the device",
  );
});

test("a signature does for its batch only", () => {
  const device = DeviceIdentity.generate();
  const verifier = identityVerifier(device.publicKey, channel, fromInitiator);
  const signature = identitySigner(device, channel, fromInitiator).sign(batch);

  expect(() => verifier.check(Buffer.from("something else"), signature)).toThrow("not signed");
  const shared = secretSignatures(batch, channel, fromInitiator);
  const theirs = secretSignatures(batch, channel, fromInitiator);
  expect(() => theirs.check(Buffer.from("something else"), shared.sign(batch))).toThrow(
    "not signed",
  );
});

test("what is sent in several ticks of one turn leaves as one batch if batches are signed: each costs two signatures' work", async () => {
  const sent = { signed: 0, plain: 0 };
  for (const [kind, signing] of [
    ["signed", identity],
    ["plain", undefined],
  ] as const) {
    const network = memoryTransport();
    const accepted = Promise.withResolvers<Link>();
    await network.listen("memory:target", accepted.resolve);
    const below = await network.dial("memory:target");
    const ends = await Promise.all([
      secured(below, "initiator", signing),
      secured(await accepted.promise, "responder", signing),
    ]);
    const send = below.send.bind(below);
    below.send = (frame) => {
      sent[kind] += 1;
      return send(frame);
    };
    for (let tick = 0; tick < 5; tick++) {
      ends[0].link.send(Uint8Array.of(tick));
      await new Promise<void>((resolve) =>
        process.nextTick(() => queueMicrotask(() => process.nextTick(resolve))),
      );
    }
    await settle();
  }
  expect(sent.signed).toBe(1);
  expect(sent.plain).toBeGreaterThan(1);
});
