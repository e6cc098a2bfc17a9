import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { NetworkError, PermissionError, ValidationError } from "@net/core";
import {
  DeviceIdentity,
  fingerprint,
  loadOrCreateIdentity,
  verifySignature,
} from "@net/core/identity";
import { test as base, expect } from "vitest";

const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's needs from the pattern.
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "net-identity-"));
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

const bytes = Buffer.from("net/test: hello");

test("a signature holds for these bytes and this key only", () => {
  const [laptop, other] = [DeviceIdentity.generate(), DeviceIdentity.generate()];
  const signature = laptop.sign(bytes);

  expect(verifySignature(laptop.publicKey, bytes, signature)).toBe(true);
  expect(verifySignature(other.publicKey, bytes, signature)).toBe(false);
  expect(verifySignature(laptop.publicKey, Buffer.from("other"), signature)).toBe(false);
  expect(verifySignature(laptop.publicKey, bytes, signature.subarray(1))).toBe(false);
  expect(() => verifySignature(new Uint8Array(31), bytes, signature)).toThrow(ValidationError);
});

test("signs as RFC 8032, section 7.1, test 2 says", () => {
  const seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
  const pkcs8 = Buffer.from(`302e020100300506032b657004220420${seed}`, "hex").toString("base64");
  const identity = DeviceIdentity.fromPem(
    `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  );

  expect(Buffer.from(identity.publicKey).toString("hex")).toBe(
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  );
  expect(Buffer.from(identity.sign(Buffer.from([0x72]))).toString("hex")).toBe(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
});

test("a fingerprint is eight groups that can be read aloud, and tells keys apart", () => {
  const { publicKey } = DeviceIdentity.generate();

  expect(fingerprint(publicKey)).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(fingerprint(publicKey)).toBe(fingerprint(new Uint8Array(publicKey)));
  expect(fingerprint(DeviceIdentity.generate().publicKey)).not.toBe(fingerprint(publicKey));
  expect(fingerprint(new Uint8Array(32))).toBe("CSM7-NBFR-CAYQ-EV4F-R65R-X7WE-4049-E545");
});

test("no log and no JSON shows the private key", () => {
  const identity = DeviceIdentity.generate();
  const secret = identity.toPem().split("\n")[1] as string;

  expect(JSON.stringify(identity)).toBe(`{"fingerprint":"${identity.fingerprint}"}`);
  expect(JSON.stringify(Object.entries(identity))).not.toContain(secret);
});

test("the same file gives the same identity, readable by its owner only", async ({ folder }) => {
  const path = join(folder, "keys", "device.pem");
  const made = await loadOrCreateIdentity(path);
  const loaded = await loadOrCreateIdentity(path);

  expect(loaded.fingerprint).toBe(made.fingerprint);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "keys"))).mode & 0o777).toBe(0o700);
  expect(await readdir(join(folder, "keys"))).toEqual(["device.pem"]);
});

test("twenty that start at once end with one identity", async ({ folder }) => {
  const path = join(folder, "device.pem");
  const all = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateIdentity(path)));

  expect(new Set(all.map((identity) => identity.fingerprint)).size).toBe(1);
  expect(await readdir(folder)).toEqual(["device.pem"]);
});

test("a key that others can read is refused, with what to do", async ({ folder }) => {
  const path = join(folder, "device.pem");
  await loadOrCreateIdentity(path);
  await chmod(path, 0o640);

  await expect(loadOrCreateIdentity(path)).rejects.toSatisfy(
    (error) => PermissionError.is(error) && /mode 640.*chmod 600/.test(error.message),
  );
});

test("a key behind a symbolic link is judged by its own mode, and kept", async ({ folder }) => {
  const path = join(folder, "device.pem");
  const made = await loadOrCreateIdentity(path);
  const link = join(folder, "link.pem");
  await symlink(path, link);
  expect((await loadOrCreateIdentity(link)).fingerprint).toBe(made.fingerprint);
  await chmod(path, 0o604);

  await expect(loadOrCreateIdentity(link)).rejects.toThrow(PermissionError);
});

test("a symbolic link to nothing is said so, and nothing is made behind it", async ({ folder }) => {
  const path = join(folder, "device.pem");
  await symlink(join(folder, "elsewhere.pem"), path);

  await expect(loadOrCreateIdentity(path)).rejects.toSatisfy(
    (error) => NetworkError.is(error, "INVALID_STATE") && /symbolic link/.test(error.message),
  );
  expect(await readdir(folder)).toEqual(["device.pem"]);
});

test("a folder and a named pipe are no keys, and nothing waits for them", async ({ folder }) => {
  const directory = join(folder, "directory.pem");
  await mkdir(directory, { mode: 0o700 });
  const pipe = join(folder, "pipe.pem");
  await promisify(execFile)("mkfifo", ["-m", "600", pipe]);

  for (const path of [directory, pipe]) {
    await expect(loadOrCreateIdentity(path)).rejects.toThrow(ValidationError);
  }
});

test.runIf(process.getuid?.() === 0)(
  "a key of another user is refused: he can read it",
  async ({ folder }) => {
    const path = join(folder, "device.pem");
    await loadOrCreateIdentity(path);
    await chown(path, 12_345, 12_345);

    await expect(loadOrCreateIdentity(path)).rejects.toSatisfy(
      (error) => PermissionError.is(error) && error.message.includes("uid 12345"),
    );
  },
);

test.each([
  ["an empty file", ""],
  ["some text", "not a key"],
  [
    "a key of another kind",
    generateKeyPairSync("ec", { namedCurve: "P-256" })
      .privateKey.export({ format: "pem", type: "pkcs8" })
      .toString(),
  ],
  ["a file too large for a key", "x".repeat(5_000)],
])("%s is a ValidationError, and stays as it was", async (_name, text) => {
  const folder = await mkdtemp(join(tmpdir(), "net-identity-"));
  const path = join(folder, "device.pem");
  await writeFile(path, text, { mode: 0o600 });

  await expect(loadOrCreateIdentity(path)).rejects.toThrow(ValidationError);
  expect(await readFile(path, "utf8")).toBe(text);
  await rm(folder, { recursive: true });
});

test("a folder that cannot be written is said so, with the path", async ({ folder }) => {
  await writeFile(join(folder, "file"), "");
  const path = join(folder, "file", "device.pem");

  await expect(loadOrCreateIdentity(path)).rejects.toSatisfy(
    (error) => NetworkError.is(error, "INVALID_STATE") && error.message.includes(path),
  );
});
