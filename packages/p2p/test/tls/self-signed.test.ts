import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { selfSigned } from "../../src/tls/self-signed.ts";

const NOW = Date.UTC(2026, 10, 21);
const DAY = 24 * 60 * 60_000;

test("a generated certificate is P-256, for its names, short-lived, and signed by its own key", async () => {
  const { key, cert } = await selfSigned(["localhost", "127.0.0.1", "::1"], NOW);
  const certificate = new X509Certificate(cert);

  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  expect(certificate.subjectAltName).toBe(
    "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
  );
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.validFromDate.getTime()).toBe(NOW - DAY);
  expect(certificate.validToDate.getTime()).toBe(NOW + 30 * DAY);
});

test("each has a key and a number of its own", async () => {
  const certificates = await Promise.all([selfSigned(["a"], NOW), selfSigned(["a"], NOW)]);
  const [one, other] = certificates.map(({ cert }) => new X509Certificate(cert));

  expect(one?.serialNumber).not.toBe(other?.serialNumber);
  expect(one?.checkPrivateKey(createPrivateKey(certificates[1].key))).toBe(false);
});

test("the globals of others are left as they were", async () => {
  await selfSigned(["a"], NOW);

  expect("getMetadata" in Reflect).toBe(false);
  expect("defineMetadata" in Reflect).toBe(false);
});
