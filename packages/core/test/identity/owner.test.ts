import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuthenticationError, NetworkError, seededRng, ValidationError } from "@net/core";
import { DeviceIdentity, loadOrCreateOwner, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import { expect, onTestFinished, test } from "vitest";

const DAY = 24 * 60 * 60 * 1_000;

function household() {
  const clock = new FakeClock();
  const owner = OwnerIdentity.generate(clock);
  const [laptop, phone] = [DeviceIdentity.generate(), DeviceIdentity.generate()];
  const trust = new OwnerTrust(owner.publicKey, { clock });
  const certify = (device: DeviceIdentity, name: string, replaces?: DeviceIdentity) =>
    owner.certify({ device: device.publicKey, name, replaces: replaces?.publicKey });
  return { clock, owner, laptop, phone, trust, certify };
}

test("a device that the owner certified is accepted under its name", () => {
  const { owner, laptop, trust, certify } = household();
  const accepted = trust.accept(certify(laptop, "laptop").text, laptop.publicKey);

  expect(accepted).toMatchObject({
    name: "laptop",
    owner: owner.publicKey,
    device: laptop.publicKey,
  });
  expect(trust.devices.map(({ name }) => name)).toEqual(["laptop"]);
});

test("a certificate of another owner, for another key, or altered, is not accepted", () => {
  const { owner, laptop, phone, trust, certify } = household();
  const stranger = OwnerIdentity.generate();
  const foreign = stranger.certify({ device: laptop.publicKey, name: "laptop" }).text;
  const [header, , signature] = certify(laptop, "laptop").text.split(".");
  const claims = Buffer.from(certify(laptop, "gpu-box").text.split(".")[1] ?? "", "base64url");
  const altered = `${header}.${claims.toString("base64url")}.${signature}`;

  expect(() => trust.accept(foreign, laptop.publicKey)).toThrow("not signed by the owner");
  expect(() => trust.accept(certify(laptop, "laptop").text, phone.publicKey)).toThrow(
    "another device's key",
  );
  expect(() => trust.accept(altered, laptop.publicKey)).toThrow("signature is not its issuer's");
  expect(() => trust.accept(owner.revoke(laptop.publicKey), laptop.publicKey)).toThrow(
    ValidationError,
  );
});

test.each([
  ["nothing", ""],
  ["no signature", "e30.e30"],
  ["no JSON", "x.y.z"],
  ["too long", `e30.${"A".repeat(5_000)}.e30`],
])("%s is no statement", (_what, text) => {
  const { laptop, trust } = household();

  expect(() => trust.accept(text, laptop.publicKey)).toThrow(ValidationError);
  expect(() => trust.learn(text)).toThrow(ValidationError);
});

test("only EdDSA is an algorithm: a statement that names another, or none, is none", () => {
  const { laptop, trust, certify } = household();
  const [, payload] = certify(laptop, "laptop").text.split(".");
  for (const alg of ["none", "HS256", "RS256", "eddsa"]) {
    const header = Buffer.from(JSON.stringify({ alg, typ: "net-device+jwt" })).toString(
      "base64url",
    );

    expect(() => trust.learn(`${header}.${payload}.`)).toThrow(ValidationError);
  }
});

test("an expired certificate is not accepted, and its device is no longer listed", async () => {
  const { clock, owner, laptop, trust } = household();
  const { text } = owner.certify({ device: laptop.publicKey, name: "laptop", validity: DAY });
  trust.accept(text, laptop.publicKey);
  await clock.advance(DAY);

  expect(() => trust.accept(text, laptop.publicKey)).toThrow("has expired");
  expect(trust.devices).toEqual([]);
});

test("a revoked key is not accepted, whichever came first, the certificate or the revocation", () => {
  const { owner, laptop, phone, trust, certify } = household();
  trust.accept(certify(laptop, "laptop").text, laptop.publicKey);
  expect(trust.learn(owner.revoke(laptop.publicKey, "lost on a train"))).toBe(true);
  trust.learn(owner.revoke(phone.publicKey));

  expect(trust.devices).toEqual([]);
  expect(trust.isRevoked(laptop.publicKey)).toBe(true);
  expect(() => trust.accept(certify(laptop, "laptop").text, laptop.publicKey)).toThrow("revoked");
  expect(() => trust.accept(certify(phone, "phone").text, phone.publicKey)).toThrow(
    AuthenticationError,
  );
});

test("nobody but the owner revokes", () => {
  const { laptop, trust, certify } = household();
  trust.accept(certify(laptop, "laptop").text, laptop.publicKey);

  expect(() => trust.learn(OwnerIdentity.generate().revoke(laptop.publicKey))).toThrow(
    AuthenticationError,
  );
  expect(trust.isRevoked(laptop.publicKey)).toBe(false);
});

test("a second key under a name is refused, unless the owner said that it replaces the first", () => {
  const { laptop, phone, trust, certify } = household();
  const first = certify(laptop, "laptop").text;
  trust.accept(first, laptop.publicKey);

  expect(() => trust.accept(certify(phone, "laptop").text, phone.publicKey)).toThrow(
    "the name of another device",
  );
  trust.accept(certify(phone, "laptop", laptop).text, phone.publicKey);
  expect(trust.devices.map(({ device }) => device)).toEqual([phone.publicKey]);
  expect(() => trust.accept(first, laptop.publicKey)).toThrow("was replaced");
});

test("a replaced key stays out after the replacing certificate was renewed, and after a restart", () => {
  const { clock, owner, laptop, phone, trust, certify } = household();
  const old = certify(laptop, "laptop").text;
  trust.learn(certify(phone, "laptop", laptop).text);
  trust.learn(owner.certify({ device: phone.publicKey, name: "laptop", validity: 400 * DAY }).text);
  const restarted = new OwnerTrust(owner.publicKey, { clock, statements: trust.statements });

  expect(() => restarted.accept(old, laptop.publicKey)).toThrow("was replaced");
  expect(restarted.accept(trust.devices[0]?.text ?? "", phone.publicKey).name).toBe("laptop");
});

test("a successor is the owner from then on; the old key's certificates count until the grace ends", async () => {
  const { clock, owner, laptop, phone, trust, certify } = household();
  const next = OwnerIdentity.generate(clock);
  const before = certify(laptop, "laptop").text;
  trust.learn(owner.succeedBy(next.publicKey, 10 * DAY));
  await clock.advance(2_000);

  expect(trust.owner).toEqual(next.publicKey);
  expect(trust.accept(before, laptop.publicKey).name).toBe("laptop");
  const byNext = next.certify({ device: phone.publicKey, name: "phone" }).text;
  expect(trust.accept(byNext, phone.publicKey).name).toBe("phone");
  // What the old key says now counts no more: it may be a thief who says it.
  expect(() => trust.learn(certify(laptop, "laptop").text)).toThrow(AuthenticationError);
  expect(() => trust.learn(owner.revoke(phone.publicKey))).toThrow(AuthenticationError);
  await clock.advance(10 * DAY);
  expect(() => trust.accept(before, laptop.publicKey)).toThrow("another key now");
});

test("with no grace the old key's certificates end at once", () => {
  const { clock, owner, laptop, trust, certify } = household();
  const before = certify(laptop, "laptop").text;
  trust.learn(owner.succeedBy(OwnerIdentity.generate(clock).publicKey, 0));

  expect(() => trust.accept(before, laptop.publicKey)).toThrow("another key now");
});

test("an owner key has one successor, and none that was an owner key before", () => {
  const { clock, owner, trust } = household();
  const [next, other] = [OwnerIdentity.generate(clock), OwnerIdentity.generate(clock)];
  const succession = owner.succeedBy(next.publicKey);
  trust.learn(succession);

  expect(trust.learn(succession)).toBe(false);
  expect(() => trust.learn(owner.succeedBy(other.publicKey))).toThrow(
    expect.objectContaining({ code: "CONFLICT" }),
  );
  expect(() => trust.learn(next.succeedBy(owner.publicKey))).toThrow("cannot come back");
  expect(() => owner.succeedBy(owner.publicKey)).toThrow(ValidationError);
});

test("what one device knows another learns from its statements, in any order of arrival", () => {
  const { clock, owner, trust } = household();
  const next = OwnerIdentity.generate(clock);
  const devices = Array.from({ length: 8 }, () => DeviceIdentity.generate());
  const said = [
    ...devices
      .slice(0, 6)
      .map(({ publicKey }, i) => owner.certify({ device: publicKey, name: `d${i}` }).text),
    ...devices.slice(2, 4).map(({ publicKey }) => owner.revoke(publicKey)),
  ];
  const rng = seededRng(3);
  const shuffled = said.map((text) => ({ text, at: rng.next() })).sort((a, b) => a.at - b.at);
  for (const { text } of shuffled) learnIfAllowed(trust, text);
  trust.learn(owner.succeedBy(next.publicKey));
  for (const { publicKey } of devices.slice(6)) {
    trust.learn(
      next.certify({
        device: publicKey,
        name: `by next ${devices.length}${publicKey[0]}${publicKey[1]}`,
      }).text,
    );
  }
  const copy = new OwnerTrust(owner.publicKey, { clock });
  const news = trust.statements.map((text) => copy.learn(text));

  expect(news).not.toContain(false);
  expect(copy.owner).toEqual(next.publicKey);
  expect(copy.devices.map(({ id }) => id).sort()).toEqual(trust.devices.map(({ id }) => id).sort());
  expect(copy.devices).toHaveLength(6);
  expect(trust.statements.map((text) => copy.learn(text))).not.toContain(true);
});

test("what is learned is told once, whichever way it came", () => {
  const { owner, laptop, phone, trust, certify } = household();
  const told: string[] = [];
  trust.on("learned", (statement) => told.push(statement));
  const [certificate, revocation] = [certify(laptop, "laptop").text, owner.revoke(phone.publicKey)];
  for (let twice = 0; twice < 2; twice++) {
    trust.accept(certificate, laptop.publicKey);
    trust.learn(revocation);
    trust.learn(certificate);
  }

  expect(told).toEqual([certificate, revocation]);
});

test("an owner key comes back from its PEM and stays out of logs", () => {
  const { owner } = household();
  const again = OwnerIdentity.fromPem(owner.toPem());

  expect(again.fingerprint).toBe(owner.fingerprint);
  expect(JSON.stringify(owner)).toBe(JSON.stringify({ fingerprint: owner.fingerprint }));
  expect(() => OwnerIdentity.fromPem("nonsense")).toThrow(ValidationError);
});

test("an owner key is kept in a file like a device's", async () => {
  const folder = await mkdtemp(join(tmpdir(), "net-owner-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "owner.pem");
  const made = await loadOrCreateOwner(path);

  expect((await loadOrCreateOwner(path)).fingerprint).toBe(made.fingerprint);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a key, name or validity that is none is refused at once", () => {
  const { owner, laptop } = household();
  const device = laptop.publicKey;

  expect(() => owner.certify({ device: device.subarray(1), name: "laptop" })).toThrow(
    ValidationError,
  );
  expect(() => owner.certify({ device, name: "" })).toThrow(ValidationError);
  expect(() => owner.certify({ device, name: "laptop", validity: Number.NaN })).toThrow(
    ValidationError,
  );
  expect(() => owner.revoke(new Uint8Array(3))).toThrow(ValidationError);
  expect(() => new OwnerTrust(new Uint8Array(3))).toThrow(ValidationError);
});

function learnIfAllowed(trust: OwnerTrust, text: string): void {
  try {
    trust.learn(text);
  } catch (error) {
    // A certificate after its revocation.
    if (!NetworkError.is(error, "AUTHENTICATION_FAILED")) throw error;
  }
}
