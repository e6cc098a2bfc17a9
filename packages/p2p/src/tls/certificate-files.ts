import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Logger, ValidationError } from "@net/core";

export interface CertificatePaths {
  readonly keyPath: string;
  readonly certPath: string;
}

/** Private key, and certificate with those that vouch for it, in PEM. */
export interface CertificatePair {
  readonly key: string;
  readonly cert: string;
}

/**
 * The key and certificate in those files, which belong together. One that has expired, or is not valid yet, is warned of.
 *
 * @throws ValidationError saying which file is not what it must be.
 */
export async function readCertificate(
  { keyPath, certPath }: CertificatePaths,
  nowMs: number,
  logger: Logger,
): Promise<CertificatePair> {
  const [key, cert] = await Promise.all([readPem("tlsKey", keyPath), readPem("tlsCert", certPath)]);
  const privateKey = parse("tlsKey", keyPath, "private key", () => createPrivateKey(key));
  const certificate = parse("tlsCert", certPath, "certificate", () => new X509Certificate(cert));
  assertPair(certificate, privateKey, { keyPath, certPath });
  warnOfDates(certificate, certPath, nowMs, logger);
  return { key, cert };
}

/** The certificates in that file. @throws ValidationError */
export async function readAuthorities(path: string): Promise<string> {
  const pem = await readPem("tlsCa", path);
  parse("tlsCa", path, "certificate", () => new X509Certificate(pem));
  return pem;
}

async function readPem(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : message;
    throw invalidFile(option, `cannot read ${path}: ${why}`, cause);
  }
}

function parse<T>(option: string, path: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw invalidFile(option, `${path} holds no ${what} in PEM`, cause);
  }
}

function assertPair(
  certificate: X509Certificate,
  key: KeyObject,
  { keyPath, certPath }: CertificatePaths,
): void {
  if (certificate.checkPrivateKey(key)) return;
  throw invalidFile("tlsKey", `${keyPath} is not the key of the certificate in ${certPath}`);
}

function warnOfDates(
  { validFromDate, validToDate }: X509Certificate,
  path: string,
  nowMs: number,
  logger: Logger,
): void {
  const dates = { path, validFrom: validFromDate, validTo: validToDate };
  if (validToDate.getTime() <= nowMs) logger.warn(dates, "the certificate of tlsCert has expired");
  if (validFromDate.getTime() > nowMs) {
    logger.warn(
      dates,
      "the certificate of tlsCert is not valid yet: is this machine's clock right?",
    );
  }
}

function invalidFile(option: string, message: string, cause?: unknown): ValidationError {
  const issues = [{ message, path: [option] }];
  return new ValidationError(`${option}: ${message}`, { issues, cause });
}
