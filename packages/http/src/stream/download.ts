import {
  type Clock,
  exponential,
  NetworkError,
  ProtocolError,
  RateLimitError,
  type Rng,
  sleep,
  ValidationError,
} from "@net/core";
import { HttpStatusError } from "../errors/status-error.ts";
import type { Progress, StreamOptions } from "../options/call-options.ts";
import { isReplayable } from "../request/body.ts";
import { withoutQuery } from "../request/url.ts";
import type { StreamResponse } from "../response/stream-response.ts";
import { checkDigest, digestsOf, parseDigest } from "./digest.ts";
import { PartFile } from "./part-file.ts";

export interface DownloadOptions extends Omit<StreamOptions, "onDownloadProgress"> {
  /**
   * Go on with what an earlier download that did not end left beside the file, and leave it there where this one does
   * not end, if the server lets us make sure that it still has the same. Default false.
   */
  readonly resume?: boolean | undefined;
  /** What the file must hash to: `sha256:<hex>`, or `sha256-<base64>`; also sha384 and sha512. */
  readonly digest?: string | undefined;
  /** Hears of each piece; `bytes` counts what was there already. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** A file that arrived whole. */
export interface Download {
  readonly path: string;
  readonly bytes: number;
  /** Some of it was there already. */
  readonly resumed: boolean;
  /** The answer's type. */
  readonly contentType: string | undefined;
}

/** What of the client is needed. */
export interface DownloadContext {
  readonly stream: (url: string | URL, options: StreamOptions) => Promise<StreamResponse>;
  readonly clock: Clock;
  readonly rng: Rng;
}

/** Times in a row without a byte after which a download gives up. */
const MAX_BREAKS = 3;

/**
 * Downloads to a file, which appears whole or not at all. A connection that breaks in the middle is made again, for the
 * rest only, where the server can do that and says by which mark (a strong `ETag`, or `Last-Modified`) it is the same.
 *
 * @throws HttpStatusError on an answer outside 2xx; ProtocolError if its length or digest is wrong; NetworkError where the
 *   file cannot be written (`PERMISSION_DENIED`, `NOT_FOUND`, `OUT_OF_RESOURCES`), or another `resume` writes it (`CONFLICT`).
 */
export async function downloadTo(
  context: DownloadContext,
  url: string | URL,
  path: string,
  options: DownloadOptions,
): Promise<Download> {
  if (typeof path !== "string" || path === "") {
    throw new ValidationError("a download needs the path of a file");
  }
  const expected = options.digest === undefined ? [] : [parseDigest(options.digest)];
  await using part = await PartFile.open(path, {
    isKept: options.resume ?? false,
    url: String(url),
  });
  const resumed = part.size > 0;
  const answer = await received(context, url, part, options);
  await part.sync();
  const digests = [...expected, ...digestsOf(answer.headers["repr-digest"])];
  const wrong = await checkDigest(part.path, digests, options.signal);
  if (wrong) {
    await part.discard();
    throw new ProtocolError(`${what(answer)} is not what it should be: ${wrong}`);
  }
  await part.finish();
  return {
    path,
    bytes: part.size,
    resumed: resumed && answer.status === 206,
    contentType: answer.headers["content-type"],
  };
}

/** Asks for the rest until it is there. */
async function received(
  { stream, clock, rng }: DownloadContext,
  url: string | URL,
  part: PartFile,
  options: DownloadOptions,
): Promise<StreamResponse> {
  const backoff = exponential({ initial: 500 });
  let most = part.size;
  for (let breaks = 1; ; breaks++) {
    const before = part.size;
    try {
      return await receiveOnce(stream, url, part, options);
    } catch (error) {
      // What was thrown away, and came again, is no progress.
      if (part.size > most) breaks = 1;
      most = Math.max(most, part.size);
      // 416: what is there is longer than what there is to be had.
      const isTooLong = HttpStatusError.is(error) && error.status === 416 && before > 0;
      if (isTooLong) await part.restart();
      const mayGoOn = isTooLong || (isBreak(error) && part.canResume);
      if (!mayGoOn || !isReplayable(options) || breaks > MAX_BREAKS) throw error;
      await sleep(backoff(breaks, rng), { signal: options.signal, clock });
    }
  }
}

/** The connection's end, and not an answer that says no: that was tried again already. */
function isBreak(error: unknown): boolean {
  const isAnswer = HttpStatusError.is(error) || RateLimitError.is(error);
  return NetworkError.is(error) && error.retryable && !isAnswer;
}

async function receiveOnce(
  stream: DownloadContext["stream"],
  url: string | URL,
  part: PartFile,
  { onProgress, resume: _resume, digest: _digest, ...options }: DownloadOptions,
): Promise<StreamResponse> {
  const headers = { ...options.headers, ...part.rangeHeaders };
  // What is stored is what is on the server: ranges count its bytes.
  await using answer = await stream(url, {
    ...options,
    headers,
    decompress: false,
    throwOnError: true,
  });
  await part.begin(answer);
  for await (const chunk of answer) {
    await part.write(chunk);
    onProgress?.({ bytes: part.size, totalBytes: part.totalBytes });
  }
  if (part.totalBytes !== undefined && part.size !== part.totalBytes) {
    throw new ProtocolError(`${what(answer)} has ${part.size} bytes instead of ${part.totalBytes}`);
  }
  return answer;
}

function what({ method, url }: StreamResponse): string {
  return `the answer to ${method} ${withoutQuery(url)}`;
}
