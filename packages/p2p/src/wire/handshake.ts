import type { Credentials } from "../admission/standing.ts";
import { MAX_CAPABILITIES } from "../names.ts";
import * as fields from "./fields.ts";
import { type Frame, type Header, packFrame, unpackFields } from "./frame.ts";
import { FrameKind } from "./kinds.ts";

// The frames with which two ends of a secured channel get to know each other, each a map:
//
//   dialler → acceptor   hello     who I am
//   acceptor → dialler   welcome   who I am, and my credentials
//   dialler → acceptor   proof     my credentials
//   acceptor → dialler   ready     nothing: we are linked

/** Tokens with many claims are still below this. */
const MAX_TOKEN_LENGTH = 8 * 1024;
const MAX_CERTIFICATE_LENGTH = 4 * 1024;
const MAX_GRANTS = 16;
const MAX_GRANT_LENGTH = 8 * 1024;

/** What one end says of itself before anything is proved. */
export interface Greeting {
  readonly networkId: string;
  readonly peerId: string;
  readonly peerName: string;
  readonly capabilities: readonly string[];
  /** The largest message that it takes. */
  readonly maxMessageBytes: number;
}

export interface Welcome {
  readonly greeting: Greeting;
  readonly credentials: Credentials;
}

export function encodeHello(greeting: Greeting): Uint8Array {
  return packFrame(FrameKind.hello, { ...greeting });
}

export function readHello(frame: Frame): Greeting {
  return readGreeting(unpackFields(frame));
}

export function encodeWelcome({ greeting, credentials }: Welcome): Uint8Array {
  return packFrame(FrameKind.welcome, { ...greeting, ...given(credentials) });
}

export function readWelcome(frame: Frame): Welcome {
  const header = unpackFields(frame);
  return { greeting: readGreeting(header), credentials: readCredentials(header) };
}

export function encodeProof(credentials: Credentials): Uint8Array {
  return packFrame(FrameKind.proof, given(credentials));
}

export function readProof(frame: Frame): Credentials {
  return readCredentials(unpackFields(frame));
}

export function encodeReady(): Uint8Array {
  return packFrame(FrameKind.ready, {});
}

function readGreeting(header: Header): Greeting {
  return {
    networkId: fields.name(header, "networkId"),
    peerId: fields.name(header, "peerId"),
    peerName: fields.name(header, "peerName"),
    capabilities: fields.names(header, "capabilities", MAX_CAPABILITIES),
    maxMessageBytes: fields.count(header, "maxMessageBytes"),
  };
}

function readCredentials(header: Header): Credentials {
  return {
    token: fields.optionalText(header, "token", MAX_TOKEN_LENGTH),
    certificate: fields.optionalText(header, "certificate", MAX_CERTIFICATE_LENGTH),
    grants: fields.optionalTexts(header, "grants", MAX_GRANTS, MAX_GRANT_LENGTH),
  };
}

function given({ token, certificate, grants }: Credentials): Credentials {
  return {
    ...(token !== undefined && { token }),
    ...(certificate !== undefined && { certificate }),
    ...(grants !== undefined && { grants }),
  };
}
