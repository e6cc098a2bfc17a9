import { KeyObject, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import type * as X509 from "@peculiar/x509";

const DAY = 24 * 60 * 60_000;
/** For machines whose clocks are behind. */
const BACKDATED: number = DAY;
/** It lasts as long as its process, and is not kept: nobody checks it, since the handshake proves who is there. */
const VALIDITY: number = 30 * DAY;
/** P-256: browsers refuse Ed25519 in TLS. */
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** RFC 5280 §4.1.2.2: positive, and at most 20 bytes. */
const SERIAL_BYTES = 16;

export interface SelfSigned {
  /** PKCS #8 in PEM. */
  readonly key: string;
  readonly cert: string;
}

/** A certificate for those names, signed by its own key, which is made for it and nowhere else. */
export async function selfSigned(names: readonly string[], nowMs: number): Promise<SelfSigned> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ keys, signingAlgorithm: ALGORITHM, name: "CN=net peer", serialNumber: serialNumber() },
    notBefore: new Date(nowMs - BACKDATED),
    notAfter: new Date(nowMs + VALIDITY),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension(names.map(generalName)),
    ],
  });
  const key = KeyObject.from(keys.privateKey).export({ format: "pem", type: "pkcs8" }).toString();
  return { key, cert: certificate.toString("pem") };
}

function generalName(name: string): { type: "dns" | "ip"; value: string } {
  return { type: isIP(name) ? "ip" : "dns", value: name };
}

/** Its first bit is 0, so that it is not negative. */
function serialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  return bytes.fill((bytes[0] ?? 0) & 0x7f, 0, 1).toString("hex");
}

let loaded: Promise<typeof X509> | undefined;

/** Only where it is needed: it takes a tenth of a second. */
async function loadX509(): Promise<typeof X509> {
  loaded ??= importWithReflection();
  return await loaded;
}

/**
 * The library's decorators ask for TypeScript's metadata while they are loaded, and do without an answer, but not without
 * somebody to ask. What stands in for `reflect-metadata` is taken away again: other people's globals are not ours.
 */
async function importWithReflection(): Promise<typeof X509> {
  if ("getMetadata" in Reflect) return await import("@peculiar/x509");
  const nothing = (): undefined => undefined;
  const standIn = { getMetadata: nothing, getOwnMetadata: nothing, defineMetadata: nothing };
  Object.assign(Reflect, standIn);
  try {
    return await import("@peculiar/x509");
  } finally {
    for (const name of Object.keys(standIn)) {
      if (Reflect.get(Reflect, name) === nothing) Reflect.deleteProperty(Reflect, name);
    }
  }
}
