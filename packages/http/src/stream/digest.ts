import { createHash, timingSafeEqual } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { ValidationError } from "@net/core";
import { onDisk } from "./file-error.ts";

/** What something must hash to. */
export interface Digest {
  readonly algorithm: "sha256" | "sha384" | "sha512";
  readonly bytes: Uint8Array;
}

const grammar = /^(sha256|sha384|sha512)[:=-]([\w+/=-]+)$/i;
const lengths = { sha256: 32, sha384: 48, sha512: 64 } as const;

/** Reads `sha256:<hex>` and `sha256-<base64>`. @throws ValidationError */
export function parseDigest(text: string): Digest {
  const [, name = "", value = ""] = grammar.exec(text) ?? [];
  const algorithm = name.toLowerCase() as Digest["algorithm"];
  const bytes = Buffer.from(
    value,
    /^[\da-f]+$/i.test(value) && value.length === lengths[algorithm] * 2 ? "hex" : "base64",
  );
  if (bytes.length === lengths[algorithm]) return { algorithm, bytes };
  throw new ValidationError(
    `digest must be sha256:<hex> or sha256-<base64> (also sha384, sha512), not ${text}`,
  );
}

const repr = /(?:^|,)\s*sha-(256|512)=:([\w+/=]+):/g;

/** What the server says that the whole must hash to: `Repr-Digest` (RFC 9530). What we do not know is passed over. */
export function digestsOf(header: string | undefined): readonly Digest[] {
  return [...(header ?? "").matchAll(repr)].map(([, bits, value = ""]) => ({
    algorithm: bits === "256" ? "sha256" : "sha512",
    bytes: Buffer.from(value, "base64"),
  }));
}

/** Says what is wrong with a file; undefined if nothing is. @throws AbortedError as soon as the signal aborts. */
export async function checkDigest(
  path: string,
  digests: readonly Digest[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  for (const { algorithm, bytes } of digests) {
    const hash = createHash(algorithm);
    await onDisk(path, pipeline([createReadStream(path), hash], signal ? { signal } : {}));
    const is: Buffer = hash.digest();
    if (is.length !== bytes.length || !timingSafeEqual(is, bytes)) {
      return `its ${algorithm} is ${is.toString("hex")}, not ${Buffer.from(bytes).toString("hex")}`;
    }
  }
  return undefined;
}
