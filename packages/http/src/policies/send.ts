import type { Call } from "../call/call.ts";
import type { Answer } from "../wire/answer.ts";
import type { Send } from "../wire/send.ts";

/**
 * Makes one request of a call and gives its answer, whatever its status; rejects with a `NetworkError` where there is
 * none. A policy is one of these around another.
 */
export type Sender = (call: Call, send: Send) => Promise<Answer>;
