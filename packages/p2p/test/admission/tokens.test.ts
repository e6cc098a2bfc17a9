import { createHmac } from "node:crypto";
import { AuthenticationError } from "@net/core";
import { DeviceIdentity, OwnerIdentity, OwnerTrust, publicKeyObject } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { Admission, type AdmissionOptions, type Binding } from "../../src/admission/admission.ts";
import { grantsOf } from "../../src/admission/grants.ts";
import { type TokenClaims, TokenIssuer, type TokenSigner } from "../../src/admission/token.ts";
import { readAdmission } from "../../src/options/admission.ts";

const clock = new FakeClock();
const secret = "a secret of the test, 32 bytes long";
const boss = DeviceIdentity.generate();
const guest = DeviceIdentity.generate();
const device = guest.publicKey;
const binding: Binding = { channel: "this-channel", role: "dialler", peer: "host" };

function issuerOf(identity: TokenSigner, peerId = "boss", networkId = "net"): TokenIssuer {
  return new TokenIssuer({ identity, networkId, peerId, clock });
}

/** Somebody who lets those in that the boss has given a token. */
function host(options: Partial<AdmissionOptions> = {}, strict = false): Admission {
  const admission = readAdmission({ issuers: [boss.publicKey] }, strict);
  return new Admission({ clock, admission, identity: DeviceIdentity.generate(), ...options });
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** The same claims under another header, with whatever signature. */
function forge(token: string, header: object, sign: (signed: string) => string): string {
  const signed = `${part(header)}.${token.split(".")[1]}`;
  return `${signed}.${sign(signed)}`;
}

const refused = { code: "AUTHENTICATION_FAILED" };

test("a token that a trusted device made for the one that shows it lets it in, as dialler and as acceptor", async () => {
  const token = await issuerOf(boss).issue({ sub: "guest", device, tools: ["search.*"] });
  const shown = { token, device };
  const standing = await host().checkDialler("guest", shown, binding);

  expect(standing).toMatchObject({ claims: { sub: "guest", iss: "boss", aud: "net" } });
  expect(grantsOf(standing)).toEqual(["search.*"]);
  const asAcceptor = { ...binding, role: "acceptor" } as const;
  await expect(host().checkAcceptor("guest", shown, asAcceptor)).resolves.toBeDefined();
});

test("a stolen token is worth nothing without its device's key", async () => {
  const token = await issuerOf(boss).issue({ sub: "guest", device });
  const thief = DeviceIdentity.generate().publicKey;

  await expect(host().checkDialler("guest", { token, device: thief }, binding)).rejects.toThrow(
    "it is for another device's key",
  );
});

test("a token that names no device is for the first that shows it; where it is strict, for none", async () => {
  const token = await issuerOf(boss).issue({ sub: "guest" });
  const [first, other] = [device, DeviceIdentity.generate().publicKey];
  const lenient = host();
  await lenient.checkDialler("guest", { token, device: first }, binding);

  const again = lenient.checkDialler("guest", { token, device: other }, binding);
  await expect(again).rejects.toThrow("another device has used it");
  await expect(host({}, true).checkDialler("guest", { token, device }, binding)).rejects.toThrow(
    "it names no device",
  );
  const asAcceptor = { ...binding, role: "acceptor" } as const;
  await expect(host().checkAcceptor("guest", { token, device }, asAcceptor)).rejects.toMatchObject(
    refused,
  );
});

test.each<[string, () => Promise<string>, string]>([
  [
    "by a stranger",
    () => issuerOf(guest).issue({ sub: "guest", device }),
    "not trusted to let others in",
  ],
  [
    "for another peer",
    () => issuerOf(boss).issue({ sub: "somebody", device }),
    "its claim sub is wrong",
  ],
  [
    "for another network",
    () => issuerOf(boss, "boss", "work").issue({ sub: "guest", device }),
    "its claim aud is wrong",
  ],
  [
    "for too long",
    () => issuerOf(boss).issue({ sub: "guest", device }, 25 * 60 * 60_000),
    "good for too long",
  ],
  [
    "with the secret of another network",
    () =>
      new TokenIssuer({ secret, networkId: "net", peerId: "x", clock }).issue({
        sub: "guest",
        device,
      }),
    "this network has no secret",
  ],
])("a token that was made %s is refused", async (_what, make, message) => {
  const token = await make();

  const check = host().checkDialler("guest", { token, device }, binding);
  await expect(check).rejects.toThrow(AuthenticationError);
  await expect(check).rejects.toThrow(message);
});

test("a token ends, whatever the clocks within half a minute", async () => {
  const token = await issuerOf(boss).issue({ sub: "guest", device }, 60_000);
  await clock.advance(80_000);
  await expect(host().checkDialler("guest", { token, device }, binding)).resolves.toBeDefined();
  await clock.advance(20_000);

  await expect(host().checkDialler("guest", { token, device }, binding)).rejects.toThrow("expired");
});

const kid = Buffer.from(boss.publicKey).toString("base64url");
const spki = publicKeyObject(boss.publicKey).export({ format: "der", type: "spki" });
const pem = publicKeyObject(boss.publicKey).export({ format: "pem", type: "spki" });

/** RFC 8725 §2.1, §3.1: what a header says of the algorithm is not to be believed. */
test.each<[string, object, (signed: string) => string]>([
  ["none", { alg: "none", kid }, () => ""],
  ["None", { alg: "None", typ: "net-admission+jwt", kid }, () => ""],
  ...[boss.publicKey, spki, pem, Buffer.from(kid)].map(
    (key): [string, object, (signed: string) => string] => [
      "HS256 with the public key",
      { alg: "HS256", typ: "JWT", kid },
      (signed) => createHmac("sha256", key).update(signed).digest("base64url"),
    ],
  ),
  ["RS256", { alg: "RS256", typ: "net-admission+jwt", kid }, () => "AAAA"],
  ["ES256", { alg: "ES256", typ: "net-admission+jwt", kid }, () => "AAAA"],
  ["EdDSA and no signature", { alg: "EdDSA", typ: "net-admission+jwt", kid }, () => ""],
  [
    "EdDSA by another key under the issuer's name",
    { alg: "EdDSA", typ: "net-admission+jwt", kid },
    (signed) => Buffer.from(guest.sign(Buffer.from(signed))).toString("base64url"),
  ],
  [
    "EdDSA by a key that it brings along",
    {
      ...{ alg: "EdDSA", typ: "net-admission+jwt", kid },
      jwk: { kty: "OKP", crv: "Ed25519", x: Buffer.from(device).toString("base64url") },
    },
    (signed) => Buffer.from(guest.sign(Buffer.from(signed))).toString("base64url"),
  ],
  [
    "EdDSA, of another kind of statement",
    { alg: "EdDSA", typ: "net-device+jwt", kid },
    (signed) => Buffer.from(boss.sign(Buffer.from(signed))).toString("base64url"),
  ],
])("a token under the algorithm %s is refused", async (_alg, header, sign) => {
  const genuine = await issuerOf(boss).issue({ sub: "guest", device, tools: ["*"] });
  const token = forge(genuine, header, sign);
  const shared = new TokenIssuer({ secret, networkId: "net", peerId: "host", clock });

  await expect(host().checkDialler("guest", { token, device }, binding)).rejects.toMatchObject(
    refused,
  );
  const withSecret = host({ issuer: shared });
  await expect(withSecret.checkDialler("guest", { token, device }, binding)).rejects.toMatchObject(
    refused,
  );
});

test("a token under the secret does not pass for one of a device, nor the other way round", async () => {
  const shared = new TokenIssuer({ secret, networkId: "net", peerId: "boss", clock });
  const byDevice = await issuerOf(boss).issue({ sub: "guest", device });
  const withSecretOnly = new Admission({ clock, issuer: shared });

  await expect(
    withSecretOnly.checkDialler("guest", { token: byDevice, device }, binding),
  ).rejects.toThrow("not trusted to let others in");
});

test("who is trusted to let others in is not thereby let in himself under any name, nor may do everything", async () => {
  const issuer = issuerOf(boss, "guest");
  const token = await issuer.issue({ sub: "guest", device });
  const standing = await host().checkDialler("guest", { token, device }, binding);

  expect(grantsOf(standing)).toEqual([]);
});

test("an issuer proves itself by its own word, for one link and its own device", async () => {
  const admission = readAdmission({ issuers: [boss.publicKey] }, true);
  const itself = new Admission({ clock, admission, issuer: issuerOf(boss), identity: boss });
  const { token } = await itself.show(binding);
  const shown = { token, device: boss.publicKey };

  await expect(host({}, true).checkDialler("boss", shown, binding)).resolves.toBeDefined();
  const elsewhere = { ...binding, channel: "another" };
  await expect(host().checkDialler("boss", shown, elsewhere)).rejects.toThrow("another link");
});

test("a peer shows the token that it was given; one that is asked for is asked for each link", async () => {
  let asked = 0;
  const token = async (): Promise<string> => `token ${++asked}`;
  const admission = readAdmission({ issuers: [boss.publicKey], token }, false);
  const itself = new Admission({ clock, admission });

  expect((await itself.show(binding)).token).toBe("token 1");
  expect((await itself.show(binding)).token).toBe("token 2");
});

test("in an owner's network his own tokens count, those of the devices he trusts with it, and no others'", async () => {
  const owner = OwnerIdentity.generate(clock);
  const trust = new OwnerTrust(owner.publicKey, { clock });
  const [inviter, other] = [DeviceIdentity.generate(), DeviceIdentity.generate()];
  trust.learn(owner.certify({ device: inviter.publicKey, name: "desk", mayInvite: true }).text);
  trust.learn(owner.certify({ device: other.publicKey, name: "toaster" }).text);
  const atHome = new Admission({ clock, owner: { trust, certificate: "" } });
  const enter = async (signer: TokenSigner) =>
    await atHome.checkDialler(
      "guest",
      { token: await issuerOf(signer).issue({ sub: "guest", device }), device },
      binding,
    );

  await expect(enter(owner)).resolves.toMatchObject({ claims: { sub: "guest" } });
  await expect(enter(inviter)).resolves.toBeDefined();
  await expect(enter(other)).rejects.toThrow("not trusted to let others in");
  trust.learn(owner.revoke(inviter.publicKey));
  await expect(enter(inviter)).rejects.toThrow("not trusted to let others in");
});

test("a peer's own token for itself names its device, so that who steals it cannot use it", async () => {
  const issuer = new TokenIssuer({
    secret,
    identity: guest,
    networkId: "net",
    peerId: "guest",
    clock,
  });
  const token = await issuer.issue({});
  const shared = new TokenIssuer({ secret, networkId: "net", peerId: "host", clock });
  const there = new Admission({ clock, issuer: shared });

  await expect(
    there.checkDialler("guest", { token, device: boss.publicKey }, binding),
  ).rejects.toThrow("it is for another device's key");
  await expect(there.checkDialler("guest", { token, device }, binding)).resolves.toBeDefined();
});

test.each<[string, TokenClaims, string]>([
  ["a claim that is set here", { exp: 5 }, "the claim exp"],
  ["the key of its device by hand", { cnf: {} }, "the claim cnf"],
  ["nobody", { sub: "" }, "the claim sub"],
  ["a device that is none", { device: new Uint8Array(3) }, "32 bytes"],
])("a token for %s is not made", async (_what, claims, message) => {
  await expect(issuerOf(boss).issue(claims)).rejects.toThrow(message);
});
