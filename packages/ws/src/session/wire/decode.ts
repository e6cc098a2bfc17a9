import { isRecord, ProtocolError, type SaidCloseCode, saidCloseCodes } from "@net/core";
import type { Envelope, Terms } from "./envelope.ts";
import * as limits from "./limits.ts";

type Fields = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The envelopes of a frame. Fields nobody knows are ignored, so that later versions may add some; a kind nobody knows
 * is not.
 *
 * @throws ProtocolError
 */
export function decodeFrame(frame: Uint8Array): readonly Envelope[] {
  const envelopes = parse(frame);
  if (!Array.isArray(envelopes)) throw new ProtocolError("a frame must be a JSON array");
  for (const envelope of envelopes) check(envelope);
  return envelopes as readonly Envelope[];
}

function parse(frame: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(frame));
  } catch (cause) {
    throw new ProtocolError("a frame must be JSON in UTF-8", { cause });
  }
}

function check(envelope: unknown): void {
  if (!isRecord(envelope)) throw new ProtocolError("an envelope must be a JSON object");
  const { kind } = envelope;
  const checker = typeof kind === "string" ? checkers.get(kind) : undefined;
  if (!checker) throw new ProtocolError(`unknown kind of envelope: ${shown(kind)}`);
  const wrong = checker(envelope);
  if (wrong) throw new ProtocolError(`${String(kind)}: wrong ${wrong}`);
}

/** Each says the name of the first field that is wrong. */
const checkers: ReadonlyMap<string, (fields: Fields) => string | undefined> = new Map([
  ["hello", (hello: Fields) => wrongHello(hello) ?? wrongTerms(hello)],
  ["welcome", (welcome: Fields) => wrongWelcome(welcome) ?? wrongTerms(welcome)],
  ["msg", wrongMsg],
  ["run", wrongRun],
  ["ack", ({ seq }: Fields) => (isCount(seq) ? undefined : "seq")],
  ["req", wrongReq],
  ["res", wrongRes],
  ["cancel", ({ id }: Fields) => (isPositive(id) ? undefined : "id")],
  ["ping", () => undefined],
  ["bye", wrongBye],
]);

function wrongHello({ version, session, token, epoch, acked, head }: Fields): string | undefined {
  if (!isPositive(version)) return "version";
  if (!isName(session)) return "session";
  if (token !== undefined && !isText(token, limits.MAX_TOKEN_LENGTH)) return "token";
  if (epoch !== undefined && !isName(epoch)) return "epoch";
  if (!isCount(acked)) return "acked";
  return isCount(head) && head >= acked ? undefined : "head";
}

function wrongWelcome({ version, epoch, resumed, spreadMs }: Fields): string | undefined {
  if (!isPositive(version)) return "version";
  if (!isName(epoch)) return "epoch";
  if (typeof resumed !== "boolean") return "resumed";
  return isCount(spreadMs) ? undefined : "spreadMs";
}

function wrongTerms(fields: Fields): string | undefined {
  const { cursor, received, windowMessages, windowBytes, maxMessageBytes, pingMs } =
    fields as unknown as Terms;
  if (!isCount(cursor)) return "cursor";
  if (!isCount(received) || received < cursor) return "received";
  if (!isPositive(windowMessages) || windowMessages > limits.MAX_WINDOW) return "windowMessages";
  if (!isPositive(windowBytes)) return "windowBytes";
  if (!isPositive(maxMessageBytes)) return "maxMessageBytes";
  const isFine = isPositive(pingMs) && pingMs >= limits.MIN_PING_MS && pingMs <= limits.MAX_PING_MS;
  return isFine ? undefined : "pingMs";
}

function wrongMsg({ seq, id, body, redelivered }: Fields): string | undefined {
  if (!isPositive(seq)) return "seq";
  if (!isName(id)) return "id";
  if (redelivered !== undefined && redelivered !== true) return "redelivered";
  return isShallow(body) ? undefined : "body";
}

function wrongRun({ seq, maker, count, bodies }: Fields): string | undefined {
  if (!Array.isArray(bodies) || bodies.length === 0) return "bodies";
  const rest = bodies.length - 1;
  if (!isPositive(seq) || !isCount(seq + rest)) return "seq";
  if (!isText(maker, limits.MAX_MAKER_LENGTH) || maker === "") return "maker";
  if (!isPositive(count) || !isCount(count + rest)) return "count";
  return bodies.every((body) => isShallow(body)) ? undefined : "bodies";
}

function wrongReq({ id, method, params }: Fields): string | undefined {
  if (!isPositive(id)) return "id";
  if (!isName(method)) return "method";
  return params === undefined || isShallow(params) ? undefined : "params";
}

function wrongRes({ id, result, error }: Fields): string | undefined {
  if (!isPositive(id)) return "id";
  if (result !== undefined && !isShallow(result)) return "result";
  return error === undefined || isShallow(error) ? undefined : "error";
}

function wrongBye({ code, message, retryAfterMs }: Fields): string | undefined {
  if (!saidCloseCodes.includes(code as SaidCloseCode)) return "code";
  if (message !== undefined && typeof message !== "string") return "message";
  return retryAfterMs === undefined || isCount(retryAfterMs) ? undefined : "retryAfterMs";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPositive(value: unknown): value is number {
  return isCount(value) && value > 0;
}

/** A name of ours: a session, an epoch, a method, a message's id. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= limits.MAX_NAME_LENGTH;
}

function isText(value: unknown, maxLength: number): boolean {
  return typeof value === "string" && value.length <= maxLength;
}

/** True for a value that is there, and nests no deeper than allowed. */
export function isShallow(value: unknown, depth: number = limits.MAX_DEPTH): boolean {
  if (value === undefined) return false;
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  return Object.values(value).every((item) => isShallow(item, depth - 1));
}

/** A stranger's value in a message: short, and only what a name could be. */
function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 32)) : typeof value;
}
