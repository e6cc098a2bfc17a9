import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { PermissionError, ValidationError } from "../errors/kinds.ts";
import { NetworkError } from "../errors/network-error.ts";
import { DeviceIdentity } from "./key-pair.ts";

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;
/** A PEM of an Ed25519 key has about 120 bytes; a larger file is none. */
const MAX_KEY_FILE_BYTES = 4096;

/**
 * The identity kept in that file, made there with mode 0600 (and its folder with 0700) if there is none yet.
 * Two processes that start at once end with the same identity.
 *
 * @throws PermissionError if others than the owner may read the file (not checked on Windows, which has no modes).
 * @throws ValidationError if the file holds no Ed25519 key.
 * @throws NetworkError `INVALID_STATE` if the file cannot be read or written.
 * @example
 * ```ts
 * const identity = await loadOrCreateIdentity(join(homedir(), ".config", "net", "device.pem"));
 * console.log(identity.fingerprint);
 * ```
 */
export async function loadOrCreateIdentity(path: string): Promise<DeviceIdentity> {
  try {
    return (await load(path)) ?? (await create(path)) ?? (await loadExisting(path));
  } catch (cause) {
    if (NetworkError.is(cause)) throw cause;
    const why = (cause as Error).message;
    throw new NetworkError("INVALID_STATE", `cannot keep a key in ${path}: ${why}`, { cause });
  }
}

async function load(path: string): Promise<DeviceIdentity | undefined> {
  const stats = await stat(path).catch(undefinedIf("ENOENT"));
  if (!stats) return undefined;
  if (process.platform !== "win32" && (stats.mode & OTHERS) !== 0) {
    const mode = (stats.mode & 0o777).toString(8);
    throw new PermissionError(
      `the key in ${path} can be read by others (mode ${mode}): run chmod 600 on it, or make a new one`,
    );
  }
  if (stats.size > MAX_KEY_FILE_BYTES) throw new ValidationError(`${path} is too large for a key`);
  return parse(path, await readFile(path, "utf8"));
}

function parse(path: string, pem: string): DeviceIdentity {
  try {
    return DeviceIdentity.fromPem(pem);
  } catch (cause) {
    throw new ValidationError(`${path} holds no Ed25519 private key in PEM`, { cause });
  }
}

/** Writes beside the path and links it there: whoever comes second finds it taken, never half written. */
async function create(path: string): Promise<DeviceIdentity | undefined> {
  const identity = DeviceIdentity.generate();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await writeDurably(draft, identity.toPem());
    const taken = await link(draft, path).then(() => false, trueIf("EEXIST"));
    return taken ? undefined : identity;
  } finally {
    await unlink(draft).catch(undefinedIf("ENOENT"));
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, "wx", OWNER_ONLY);
  await file.writeFile(text);
  await file.sync();
}

async function loadExisting(path: string): Promise<DeviceIdentity> {
  const identity = await load(path);
  if (identity) return identity;
  throw new NetworkError("INVALID_STATE", `${path} came and went while it was being read`);
}

function undefinedIf(code: string): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code !== code) throw error;
    return undefined;
  };
}

function trueIf(code: string): (error: NodeJS.ErrnoException) => true {
  return (error) => {
    if (error.code !== code) throw error;
    return true;
  };
}
