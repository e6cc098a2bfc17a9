import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, ValidationError } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { testCertificate } from "@net/core/testing";
import { expect, onTestFinished, test } from "vitest";
import { readAuthorities, readCertificate } from "../../src/tls/certificate-files.ts";
import { selfSigned } from "../../src/tls/self-signed.ts";

const NOW = Date.UTC(2026, 10, 21);
const DAY = 24 * 60 * 60_000;

/** Those files, in a folder that goes with the test. */
async function files(
  contents: Readonly<Record<string, string>>,
): Promise<(name: string) => string> {
  const folder = await mkdtemp(join(tmpdir(), "net-tls-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(contents)) await writeFile(join(folder, name), text);
  return (name) => join(folder, name);
}

async function read(
  contents: Readonly<Record<string, string>>,
  { nowMs = NOW, warnings = [] as unknown[] } = {},
) {
  const path = await files(contents);
  const logger = {
    ...silentLogger,
    warn: (...said: unknown[]) => void warnings.push(said.at(-1)),
  };
  const paths = { keyPath: path("key.pem"), certPath: path("cert.pem") };
  return await readCertificate(paths, nowMs, logger);
}

test("a key and its certificate are read from their files", async () => {
  const { key, cert } = testCertificate;
  const warnings: unknown[] = [];

  expect(await read({ "key.pem": key, "cert.pem": cert }, { warnings })).toEqual({ key, cert });
  expect(warnings).toEqual([]);
});

test("a certificate may be followed by those that vouch for it", async () => {
  const { key, cert } = testCertificate;
  const chain = cert + (await selfSigned(["ca"], NOW)).cert;

  expect((await read({ "key.pem": key, "cert.pem": chain })).cert).toBe(chain);
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    "no key",
    { "cert.pem": testCertificate.cert },
    /^tlsKey: cannot read .*key.pem: there is no such file/,
  ],
  [
    "no certificate",
    { "key.pem": testCertificate.key },
    /^tlsCert: cannot read .*cert.pem: there is no/,
  ],
  [
    "a key that is none",
    { "key.pem": "x", "cert.pem": testCertificate.cert },
    /^tlsKey: .* holds no private key in PEM/,
  ],
  [
    "a certificate that is none",
    { "key.pem": testCertificate.key, "cert.pem": "x" },
    /^tlsCert: .* holds no certificate in PEM/,
  ],
  [
    "the key of another certificate",
    { "key.pem": DeviceIdentity.generate().toPem(), "cert.pem": testCertificate.cert },
    /^tlsKey: .*key.pem is not the key of the certificate in .*cert.pem/,
  ],
])("with %s it says which file is wrong, and how", async (_what, contents, message) => {
  const reading = read(contents);

  await expect(reading).rejects.toThrow(ValidationError);
  await expect(reading).rejects.toThrow(message);
});

test.each([
  ["has expired", 100 * DAY, "has expired"],
  ["is not valid yet", -100 * DAY, "is not valid yet"],
])("a certificate that %s is warned of, and used", async (_what, offset, message) => {
  const { key, cert } = await selfSigned(["localhost"], NOW);
  const warnings: unknown[] = [];
  await read({ "key.pem": key, "cert.pem": cert }, { nowMs: NOW + offset, warnings });

  expect(warnings).toHaveLength(1);
  expect(String(warnings)).toContain(message);
});

test("authorities are certificates", async () => {
  const path = await files({ "ca.pem": testCertificate.cert, "key.pem": testCertificate.key });

  expect(await readAuthorities(path("ca.pem"))).toBe(testCertificate.cert);
  await expect(readAuthorities(path("key.pem"))).rejects.toThrow("tlsCa: ");
});
