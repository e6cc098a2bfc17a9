import { abortable, type Clock, type Link, ProtocolError } from "@net/core";
import { Channel } from "../channel.ts";
import { endError } from "../end-error.ts";
import { encode } from "../wire/encode.ts";
import type { Envelope, Hello, Welcome } from "../wire/envelope.ts";
import { VERSION } from "../wire/limits.ts";

type OnFrame = (envelopes: readonly Envelope[], bytes: number) => void;

/** The two ends have said hello and welcome. Nothing more is read until {@link Met.open}. */
export interface Met {
  readonly channel: Channel;
  readonly welcome: Welcome;
  /** From now on frames go there, first what came in the welcome's own frame. */
  open(onFrame: OnFrame): void;
}

interface MeetingOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly stallTimeout: number;
  readonly hello: Hello;
  readonly signal: AbortSignal;
}

/**
 * Says hello over a link and waits for the welcome. PROTOCOL.md, "Meeting", has the steps.
 *
 * @throws ProtocolError if something else comes; what the other end said goodbye with; AbortedError.
 */
export async function meet({
  link,
  clock,
  stallTimeout,
  hello,
  signal,
}: MeetingOptions): Promise<Met> {
  const came = Promise.withResolvers<Envelope>();
  let rest: readonly Envelope[] = [];
  let restBytes = 0;
  let onFrame: OnFrame = ([first, ...others], bytes) => {
    if (!first) return;
    // Nothing more until the store knows what the welcome said.
    if (first.kind === "welcome") link.pause();
    rest = others;
    restBytes = bytes;
    came.resolve(first);
  };
  const channel = new Channel({
    link,
    clock,
    stallTimeout,
    owner: { onFrame: (envelopes, bytes) => onFrame(envelopes, bytes) },
  });
  channel.send(encode(hello));
  const ended = channel.ended.then((end) => {
    throw endError(end);
  });
  ended.catch(() => {});
  const first = await abortable(Promise.race([came.promise, ended]), signal);
  const welcome = first.kind === "bye" ? await ended : checkedWelcome(first);
  const open = (handler: OnFrame): void => {
    onFrame = handler;
    if (rest.length > 0) handler(rest, restBytes);
    link.resume();
  };
  return { channel, welcome, open };
}

function checkedWelcome(envelope: Envelope): Welcome {
  if (envelope.kind !== "welcome") {
    throw new ProtocolError(`expected a welcome, and ${envelope.kind} came`);
  }
  if (envelope.version === VERSION) return envelope;
  throw new ProtocolError(`the other end speaks version ${envelope.version}, not ${VERSION}`);
}
