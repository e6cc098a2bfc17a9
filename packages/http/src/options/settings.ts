import { type Clock, type Rng, systemClock, systemRng, ValidationError } from "@net/core";
import type { CallSettings } from "../call/settings.ts";
import { redirectSettings } from "../policies/redirect.ts";
import { retrySettings } from "../policies/retry.ts";
import type { RawHeaders } from "../response/headers.ts";
import type { Progress, RequestOptions } from "./call-options.ts";
import type { HTTPClientOptions } from "./client-options.ts";
import { checkRetry, checkShapes } from "./shapes.ts";
import { callTimeouts, clientTimeouts } from "./timeouts.ts";

/** The client's options with every default filled in. */
export interface Settings {
  /** Of a call that says nothing for itself. */
  readonly call: CallSettings;
  readonly clock: Clock;
  readonly rng: Rng;
}

const MIB = 1024 * 1024;

/** @throws ValidationError naming the option that is out of range. */
export function clientSettings(options: HTTPClientOptions): Settings {
  checkShapes(options);
  const { maxRetries, retryBackoff, retry, clock = systemClock, rng = systemRng } = options;
  const simple = {
    ...(maxRetries !== undefined && { max: maxRetries }),
    ...(retryBackoff !== undefined && { backoff: retryBackoff }),
  };
  if (options.auth && options.baseUrl === undefined) {
    throw new ValidationError(
      "auth needs a baseUrl: credentials are for one place; or give auth with the call",
    );
  }
  return {
    call: {
      auth: options.auth,
      isAuthOwn: false,
      timeouts: clientTimeouts(options.timeout),
      maxBodyBytes: checkedMaxBodyBytes(options.maxBodyBytes ?? 16 * MIB),
      decompress: options.decompress ?? true,
      isStream: false,
      throwOnError: options.throwOnError ?? false,
      retry: retrySettings(retry === false ? false : { ...simple, ...retry }, clock),
      redirect: redirectSettings(options.redirect),
    },
    clock,
    rng,
  };
}

/** How one call is made. Costs nothing where it says nothing for itself. @throws ValidationError */
export function callSettings(
  client: CallSettings,
  options: RequestOptions,
  isStream: boolean,
  uploadBytes: number | undefined,
  clock: Clock,
): CallSettings {
  const isOwn = isStream || own.some((name) => options[name] !== undefined);
  if (!isOwn) return client;
  checkRetry(options.retry);
  const { timeout, maxBodyBytes, retry, redirect, onDownloadProgress, onUploadProgress } = options;
  const limit = maxBodyBytes ?? (isStream ? Number.POSITIVE_INFINITY : client.maxBodyBytes);
  const { auth = client.auth } = options;
  return {
    auth: auth === false ? undefined : auth,
    isAuthOwn: options.auth !== undefined,
    timeouts: timeout === undefined ? client.timeouts : callTimeouts(client.timeouts, timeout),
    maxBodyBytes: checkedMaxBodyBytes(limit),
    decompress: options.decompress ?? client.decompress,
    isStream,
    throwOnError: options.throwOnError ?? client.throwOnError,
    retry: retry === undefined ? client.retry : retrySettings(retry, clock, client.retry),
    redirect:
      redirect === undefined ? client.redirect : redirectSettings(redirect, client.redirect),
    onProgress: onDownloadProgress && download(onDownloadProgress),
    onUpload: onUploadProgress && upload(onUploadProgress, uploadBytes),
  };
}

const own = [
  "timeout",
  "maxBodyBytes",
  "decompress",
  "throwOnError",
  "retry",
  "redirect",
  "auth",
  "onDownloadProgress",
  "onUploadProgress",
] as const;

function download(
  tell: (progress: Progress) => void,
): (bytes: number, headers: RawHeaders) => void {
  return (bytes, headers) => {
    const length = headers["content-length"];
    tell({ bytes, totalBytes: length === undefined ? undefined : Number(length) });
  };
}

function upload(
  tell: (progress: Progress) => void,
  totalBytes: number | undefined,
): (bytes: number) => void {
  return (bytes) => tell({ bytes, totalBytes });
}

function checkedMaxBodyBytes(bytes: number): number {
  if (bytes > 0) return bytes;
  throw new ValidationError(`maxBodyBytes must be more than 0, not ${bytes}`);
}
