import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, link, mkdir, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { PermissionError, ValidationError } from "../errors/kinds.ts";
import { NetworkError } from "../errors/network-error.ts";
import { DeviceIdentity } from "./key-pair.ts";
import { OwnerIdentity } from "./owner.ts";

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;
/** A PEM of an Ed25519 key has about 120 bytes; a larger file is none. */
const MAX_KEY_FILE_BYTES = 4096;
/** Windows has no modes and no owners in this sense; who may read a file there is not checked. */
const HAS_MODES: boolean = process.platform !== "win32";

/**
 * The identity kept in that file, made there with mode 0600 (and its folder with 0700) if there is none yet.
 * Two processes that start at once end with the same identity.
 *
 * @throws PermissionError if others may read the file, or it is another user's (not checked on Windows).
 * @throws ValidationError if the file holds no Ed25519 key.
 * @throws NetworkError `INVALID_STATE` if the file cannot be read or written.
 * @example
 * ```ts
 * const identity = await loadOrCreateIdentity(join(homedir(), ".config", "net", "device.pem"));
 * console.log(identity.fingerprint);
 * ```
 */
export async function loadOrCreateIdentity(path: string): Promise<DeviceIdentity> {
  return await loadOrCreate(path, DeviceIdentity);
}

/** The owner's key kept in that file, as {@link loadOrCreateIdentity} keeps a device's. @throws as it does. */
export async function loadOrCreateOwner(path: string): Promise<OwnerIdentity> {
  return await loadOrCreate(path, OwnerIdentity);
}

/** How a kind of key is made and read. */
interface KeyKind<Key> {
  generate(): Key;
  fromPem(pem: string): Key;
}

interface KeyPair {
  toPem(): string;
}

async function loadOrCreate<Key extends KeyPair>(path: string, kind: KeyKind<Key>): Promise<Key> {
  try {
    return (
      (await load(path, kind)) ?? (await create(path, kind)) ?? (await loadExisting(path, kind))
    );
  } catch (cause) {
    if (NetworkError.is(cause)) throw cause;
    const why = (cause as Error).message;
    throw new NetworkError("INVALID_STATE", `cannot keep a key in ${path}: ${why}`, { cause });
  }
}

async function load<Key>(path: string, kind: KeyKind<Key>): Promise<Key | undefined> {
  // Without waiting: opening a named pipe would hang until somebody writes to it. (Windows has no such flag.)
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  await using file = await open(path, flags).catch(undefinedIf("ENOENT"));
  if (!file) return undefined;
  checkPrivate(path, await file.stat());
  return parse(path, await read(path, file), kind);
}

function checkPrivate(path: string, stats: Stats): void {
  if (!stats.isFile()) throw new ValidationError(`${path} is no file, so no key is read from it`);
  if (!HAS_MODES) return;
  if (stats.uid !== process.geteuid?.()) {
    throw new PermissionError(
      `the key in ${path} belongs to another user (uid ${stats.uid}), who can read it: make a new one`,
    );
  }
  if ((stats.mode & OTHERS) === 0) return;
  const mode = (stats.mode & 0o777).toString(8);
  throw new PermissionError(
    `the key in ${path} can be read by others (mode ${mode}): run chmod 600 on it, or make a new one`,
  );
}

async function read(path: string, file: FileHandle): Promise<string> {
  const bytes = Buffer.alloc(MAX_KEY_FILE_BYTES + 1);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
  if (bytesRead === bytes.length) throw new ValidationError(`${path} is too large for a key`);
  return bytes.toString("utf8", 0, bytesRead);
}

function parse<Key>(path: string, pem: string, kind: KeyKind<Key>): Key {
  try {
    return kind.fromPem(pem);
  } catch (cause) {
    throw new ValidationError(`${path} holds no Ed25519 private key in PEM`, { cause });
  }
}

/** Writes beside the path and links it there: whoever comes second finds it taken, never half written. */
async function create<Key extends KeyPair>(
  path: string,
  kind: KeyKind<Key>,
): Promise<Key | undefined> {
  const key = kind.generate();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await writeDurably(draft, key.toPem());
    const taken = await link(draft, path).then(() => false, trueIf("EEXIST"));
    if (taken) return undefined;
    await syncFolder(dirname(path));
    return key;
  } finally {
    await unlink(draft).catch(undefinedIf("ENOENT"));
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, "wx", OWNER_ONLY);
  await file.writeFile(text);
  await file.sync();
}

/** A name in a folder is on disk only when the folder is; Windows cannot sync one. */
async function syncFolder(path: string): Promise<void> {
  if (!HAS_MODES) return;
  await using folder = await open(path);
  await folder.sync();
}

async function loadExisting<Key>(path: string, kind: KeyKind<Key>): Promise<Key> {
  const key = await load(path, kind);
  if (key) return key;
  const why = "it is taken, and yet there is nothing to read: a symbolic link to nothing?";
  throw new NetworkError("INVALID_STATE", `cannot keep a key in ${path}: ${why}`);
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
