import type { Credentials } from "../admission/standing.ts";
import { MAX_CAPABILITIES } from "../names.ts";
import * as fields from "./fields.ts";
import { encodeFrame, type Frame, type Header } from "./frame.ts";
import { FrameKind } from "./kinds.ts";

// The frames with which two ends of a secured link get to know each other:
//
//   dialler → acceptor   hello     who I am
//   acceptor → dialler   welcome   who I am, and my credentials
//   dialler → acceptor   proof     my credentials; body: my advert
//   acceptor → dialler   ready     body: my advert

/** Tokens with many claims are still below this. */
const MAX_TOKEN_LENGTH = 8 * 1024;
const MAX_CERTIFICATE_LENGTH = 4 * 1024;

/** What one end says of itself before anything is proved. */
export interface Greeting {
  readonly networkId: string;
  readonly peerId: string;
  readonly peerName: string;
  readonly capabilities: readonly string[];
}

export interface Welcome {
  readonly greeting: Greeting;
  readonly credentials: Credentials;
}

export interface Proof {
  readonly credentials: Credentials;
  /** What the dialler advertises, see adverts.ts. */
  readonly advert: Uint8Array;
}

export function encodeHello(greeting: Greeting): Uint8Array {
  return encodeFrame(FrameKind.hello, { ...greeting });
}

export function readHello({ header }: Frame): Greeting {
  return readGreeting(header);
}

export function encodeWelcome({ greeting, credentials }: Welcome): Uint8Array {
  return encodeFrame(FrameKind.welcome, { ...greeting, ...given(credentials) });
}

export function readWelcome({ header }: Frame): Welcome {
  return { greeting: readGreeting(header), credentials: readCredentials(header) };
}

export function encodeProof({ credentials, advert }: Proof): Uint8Array {
  return encodeFrame(FrameKind.proof, given(credentials), advert);
}

export function readProof({ header, body }: Frame): Proof {
  return { credentials: readCredentials(header), advert: body };
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

function readCredentials(header: Header): Credentials {
  return {
    token: fields.optionalText(header, "token", MAX_TOKEN_LENGTH),
    certificate: fields.optionalText(header, "certificate", MAX_CERTIFICATE_LENGTH),
  };
}

function given({ token, certificate }: Credentials): { token?: string; certificate?: string } {
  return {
    ...(token !== undefined && { token }),
    ...(certificate !== undefined && { certificate }),
  };
}
