import { hostname } from "node:os";
import type { Clock, Logger } from "@net/core";
import type { TransportTLSOptions } from "@net/ws/transport";
import { type CertificatePair, readAuthorities, readCertificate } from "./certificate-files.ts";
import { selfSigned } from "./self-signed.ts";

export interface TLSEndOptions {
  /** Both or neither. */
  readonly keyPath: string | undefined;
  readonly certPath: string | undefined;
  /** Of those who vouch for other ends: then each end must show a certificate, dialled or not. */
  readonly caPath: string | undefined;
  /** Whether the certificate of whoever is dialled is checked. */
  readonly verify: boolean;
  /** Where this end listens. */
  readonly host: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How one peer does TLS, dialling and listening. @throws ValidationError if a file is not what it must be. */
export async function tlsEnd(options: TLSEndOptions): Promise<TransportTLSOptions> {
  const { caPath, verify } = options;
  const ca = caPath === undefined ? undefined : await readAuthorities(caPath);
  return {
    ...(await certificateOf(options)),
    // Before TLS 1.3 the exporter names no channel (RFC 9266 §4.2).
    minVersion: "TLSv1.3",
    rejectUnauthorized: verify,
    ...(ca !== undefined && { ca, requestCert: true }),
  };
}

async function certificateOf(options: TLSEndOptions): Promise<CertificatePair> {
  const { keyPath, certPath, host, clock, logger } = options;
  if (keyPath !== undefined && certPath !== undefined) {
    return await readCertificate({ keyPath, certPath }, clock.nowMs(), logger);
  }
  const names = new Set(["localhost", "127.0.0.1", "::1", hostname(), host ?? "localhost"]);
  return await selfSigned([...names].filter(isUsable), clock.nowMs());
}

/** What can stand in a certificate: a host name or an address, without a zone. */
function isUsable(name: string): boolean {
  return /^[\w.:-]{1,253}$/.test(name);
}
