import { MAX_CAPABILITIES } from "../names.ts";
import * as fields from "./fields.ts";
import { encodeFrame, type Frame, type Header } from "./frame.ts";
import { FrameKind } from "./kinds.ts";

// The frames with which two ends of a secured link get to know each other:
//
//   dialler → acceptor   hello     who I am
//   acceptor → dialler   welcome   who I am, and a token for this channel
//   dialler → acceptor   proof     a token for this channel; body: my advert
//   acceptor → dialler   ready     body: my advert

/** Tokens with many claims are still below this. */
const MAX_TOKEN_LENGTH = 8 * 1024;

/** What one end says of itself before anything is proved. */
export interface Greeting {
  readonly networkId: string;
  readonly peerId: string;
  readonly peerName: string;
  readonly capabilities: readonly string[];
}

export interface Welcome extends Greeting {
  /** Proves that the acceptor knows the network's secret; undefined if it has none. */
  readonly token: string | undefined;
}

export interface Proof {
  readonly token: string | undefined;
  /** What the dialler advertises, see adverts.ts. */
  readonly advert: Uint8Array;
}

export function encodeHello(greeting: Greeting): Uint8Array {
  return encodeFrame(FrameKind.hello, { ...greeting });
}

export function readHello({ header }: Frame): Greeting {
  return readGreeting(header);
}

export function encodeWelcome({ token, ...greeting }: Welcome): Uint8Array {
  return encodeFrame(FrameKind.welcome, { ...greeting, ...withToken(token) });
}

export function readWelcome({ header }: Frame): Welcome {
  return { ...readGreeting(header), token: readToken(header) };
}

export function encodeProof({ token, advert }: Proof): Uint8Array {
  return encodeFrame(FrameKind.proof, withToken(token), advert);
}

export function readProof({ header, body }: Frame): Proof {
  return { token: readToken(header), advert: body };
}

/** @param advert what the acceptor advertises. */
export function encodeReady(advert: Uint8Array): Uint8Array {
  return encodeFrame(FrameKind.ready, {}, advert);
}

function readGreeting(header: Header): Greeting {
  return {
    networkId: fields.name(header, "networkId"),
    peerId: fields.name(header, "peerId"),
    peerName: fields.name(header, "peerName"),
    capabilities: fields.names(header, "capabilities", MAX_CAPABILITIES),
  };
}

function readToken(header: Header): string | undefined {
  return fields.optionalText(header, "token", MAX_TOKEN_LENGTH);
}

function withToken(token: string | undefined): { token?: string } {
  return token === undefined ? {} : { token };
}
