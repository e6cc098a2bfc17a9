import type { Socket } from "node:net";
import { type PeerCertificate, type TLSSocket, connect as tlsConnect } from "node:tls";
import { type Clock, deadline } from "@net/core";
import { literalAddress } from "../tcp/lookup.ts";
import type { Banner, TLSBanner } from "./result.ts";

const MAX_TEXT_BYTES = 1024;

/** Ports whose services wait for a TLS handshake: there is no use in waiting for them to speak first. */
const tlsFirst: ReadonlySet<number> = new Set([
  443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 5061, 5986, 6443, 8443, 8883,
]);

export interface BannerOptions {
  readonly host: string;
  readonly port: number;
  /** For all of it, in ms. */
  readonly timeout: number;
  readonly clock: Clock;
}

/**
 * Reads what a service says of itself: it waits for the service to speak, and then for half the time tries a TLS
 * handshake, which is the only thing it sends. Undefined if nothing came of it. The socket is destroyed.
 */
export async function readBanner(
  socket: Socket,
  options: BannerOptions,
): Promise<Banner | undefined> {
  const { timeout, clock, port } = options;
  using limit = deadline(timeout, undefined, { clock });
  try {
    const text = tlsFirst.has(port) ? undefined : await firstWords(socket, timeout / 2, clock);
    if (text !== undefined) return { text };
    const tls = await certificateOf(socket, options.host, limit.signal);
    return tls && { tls };
  } finally {
    socket.destroy();
  }
}

/** Undefined if nothing is said in time. */
async function firstWords(
  socket: Socket,
  timeout: number,
  clock: Clock,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const giveUp = (): void => resolve(undefined);
  using _timer = clock.setTimeout(giveUp, timeout);
  socket.on("data", resolve).on("end", giveUp).on("close", giveUp);
  const bytes = await promise;
  socket.off("data", resolve).off("end", giveUp).off("close", giveUp);
  socket.pause();
  return bytes && printable(bytes.subarray(0, MAX_TEXT_BYTES));
}

function printable(bytes: Buffer): string {
  return bytes
    .toString()
    .trimEnd()
    .replace(/\p{Cc}/gu, (character) => {
      if (character === "\n" || character === "\t") return character;
      if (character === "\r") return "";
      return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
    });
}

async function certificateOf(
  socket: Socket,
  host: string,
  signal: AbortSignal,
): Promise<TLSBanner | undefined> {
  if (socket.destroyed || signal.aborted) return undefined;
  const servername = literalAddress(host) ? {} : { servername: host };
  // Nothing is entrusted to this connection: whatever certificate is there is what the scan wants to read.
  const secured = tlsConnect({ ...servername, socket, rejectUnauthorized: false });
  const { promise, resolve } = Promise.withResolvers<TLSBanner | undefined>();
  const giveUp = (): void => resolve(undefined);
  secured.once("secureConnect", () => resolve(bannerOf(secured)));
  secured.on("error", giveUp).on("close", giveUp);
  signal.addEventListener("abort", giveUp, { once: true });
  const banner = await promise;
  secured.destroy();
  return banner;
}

function bannerOf(socket: TLSSocket): TLSBanner {
  // Node says {} where there is none.
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  return {
    protocol: socket.getProtocol() ?? undefined,
    names: namesOf(certificate),
    issuer: oneOf(certificate.issuer?.O) ?? oneOf(certificate.issuer?.CN),
    validTo: certificate.valid_to,
    fingerprint256: certificate.fingerprint256,
  };
}

/** The alternative names; the subject's common name only where there are none (RFC 9525 §6.3). */
function namesOf({ subjectaltname, subject }: Partial<PeerCertificate>): readonly string[] {
  const names = [...(subjectaltname ?? "").matchAll(/(?:DNS|IP Address):(?<name>[^,"\s]+)/g)];
  const common = oneOf(subject?.CN);
  if (names.length === 0) return common === undefined ? [] : [common];
  return names.map(({ groups }) => groups?.name ?? "");
}

function oneOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
