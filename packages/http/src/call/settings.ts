import type { Auth } from "../auth/auth.ts";
import type { Timeouts } from "../options/timeouts.ts";
import type { RedirectSettings } from "../policies/redirect.ts";
import type { RetrySettings } from "../policies/retry.ts";
import type { RawHeaders } from "../response/headers.ts";

/** How one call is made: the client's ways, with what the call says for itself. */
export interface CallSettings {
  readonly timeouts: Timeouts;
  readonly maxBodyBytes: number;
  readonly decompress: boolean;
  readonly isStream: boolean;
  readonly throwOnError: boolean;
  readonly retry: RetrySettings;
  readonly redirect: RedirectSettings;
  readonly auth: Auth | undefined;
  /** The caller gave `auth` with the call: it may go wherever that goes. */
  readonly isAuthOwn: boolean;
  /** Hears of each piece of an answer's body: how much has come, as it came over the wire. */
  readonly onProgress?: ((receivedBytes: number, headers: RawHeaders) => void) | undefined;
  /** Hears of each piece of a request's body. */
  readonly onUpload?: ((sentBytes: number) => void) | undefined;
}
