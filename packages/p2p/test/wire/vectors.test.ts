import { readFileSync } from "node:fs";
import { NetworkError } from "@net/core";
import { expect, test } from "vitest";
import type { LivenessMessage } from "../../src/liveness/messages.ts";
import {
  decodeEndMessage,
  EndKind,
  encodeCancel,
  encodeDescribe,
  encodeFailure,
  encodeMessage,
  encodeRequest,
  encodeValue,
  encodeWindow,
} from "../../src/wire/calls.ts";
import { encodeCredit, readCredit } from "../../src/wire/control.ts";
import { decodeFrame, encodeFrame } from "../../src/wire/frame.ts";
import {
  encodeHello,
  encodeProof,
  encodeReady,
  encodeWelcome,
  readHello,
  readProof,
  readWelcome,
} from "../../src/wire/handshake.ts";
import { FrameKind } from "../../src/wire/kinds.ts";
import { decodeLiveness, encodeLiveness } from "../../src/wire/liveness.ts";
import { decodeNotice, encodeNotice } from "../../src/wire/notice.ts";
import { decodePiece, encodePiece, PieceState } from "../../src/wire/piece.ts";
import {
  decodeRouted,
  encodeRouted,
  encodeRoutedHeader,
  RoutedFlag,
} from "../../src/wire/routed.ts";

// The golden vectors are part of the protocol: an implementation in another language can be held against them.

interface Vector {
  readonly name: string;
  readonly hex: string;
}

const url = new URL("./vectors/frames.json", import.meta.url);
const vectors: readonly Vector[] = JSON.parse(readFileSync(url, "utf8"));
const bytesOf = (name: string): Uint8Array => {
  const vector = vectors.find((each) => each.name === name);
  if (!vector) throw new Error(`there is no vector called ${name}`);
  return Uint8Array.from(Buffer.from(vector.hex, "hex"));
};

const greeting = {
  networkId: "net",
  peerId: "laptop",
  peerName: "The laptop",
  capabilities: ["gpu"],
  maxMessageBytes: 1_048_576,
};
const path = ["laptop", "relay", "größe"];
const session = "0123456789abcdef";
const request = {
  ...{ tool: "search", args: { query: "x", limit: 10, data: new Uint8Array([1, 2]) } },
  ...{ deadlineMs: 5_000, idempotencyKey: "k-1", context: { caller: "agent", labels: { a: "b" } } },
};
const error = new NetworkError("NO_ROUTE", "no way", { retryable: true });

const liveness: readonly LivenessMessage[] = [
  { type: "probe", number: 7 },
  { type: "probe-ack", number: 70_000, incarnation: 2, loopLagMs: 12, busy: true },
  { type: "probe-request", number: 3, target: "desktop" },
  { type: "probe-report", number: 3, target: "desktop", reached: false },
  { type: "suspect", peerId: "desktop", incarnation: 1 },
  { type: "refute", peerId: "desktop", incarnation: 2 },
];

/** What each vector is, and how it is read again. */
const frames: readonly [
  name: string,
  frame: Uint8Array,
  read: (bytes: Uint8Array) => unknown,
  value: unknown,
][] = [
  ["hello", encodeHello(greeting), (it) => readHello(decodeFrame(it)), greeting],
  [
    "welcome",
    encodeWelcome({ greeting, credentials: { token: "t" } }),
    (it) => readWelcome(decodeFrame(it)),
    { greeting, credentials: { token: "t" } },
  ],
  [
    "proof",
    encodeProof({ certificate: "c", grants: ["g"] }),
    (it) => readProof(decodeFrame(it)),
    { certificate: "c", grants: ["g"] },
  ],
  ["ready", encodeReady(), (it) => decodeFrame(it).kind, FrameKind.ready],
  ...liveness.map((message): [string, Uint8Array, (bytes: Uint8Array) => unknown, unknown] => [
    message.type,
    encodeLiveness(message),
    (it) => decodeLiveness(decodeFrame(it)),
    message,
  ]),
  ["credit", encodeCredit(32_768), (it) => readCredit(decodeFrame(it)), 32_768],
  [
    "piece",
    encodePiece({ message: 258, state: PieceState.last, bytes: new Uint8Array([5, 6]) }),
    decodePiece,
    { message: 258, state: PieceState.last, bytes: new Uint8Array([5, 6]) },
  ],
  [
    "routed",
    encodeRouted(
      encodeRoutedHeader(session, path),
      RoutedFlag.open | RoutedFlag.bulk,
      new Uint8Array([1]),
    ),
    decodeRouted,
    { hop: 1, flags: 5, session, path, body: new Uint8Array([1]) },
  ],
  [
    "request",
    encodeRequest(1, request),
    decodeEndMessage,
    [
      EndKind.request,
      1,
      "search",
      { deadlineMs: 5_000, key: "k-1", context: { caller: "agent", labels: { a: "b" } } },
      request.args,
    ],
  ],
  [
    "request without arguments",
    encodeRequest(2, { tool: "now", args: undefined, context: {} }),
    decodeEndMessage,
    [EndKind.request, 2, "now", {}],
  ],
  ["cancel", encodeCancel(1), decodeEndMessage, [EndKind.cancel, 1]],
  ["progress", encodeValue(EndKind.progress, 1, 0.5), decodeEndMessage, [EndKind.progress, 1, 0.5]],
  [
    "chunk",
    encodeValue(EndKind.chunk, 1, new Uint8Array([1, 2, 3])),
    decodeEndMessage,
    [EndKind.chunk, 1, new Uint8Array([1, 2, 3])],
  ],
  [
    "result",
    encodeValue(EndKind.result, 1, ["a", null, true]),
    decodeEndMessage,
    [EndKind.result, 1, ["a", null, true]],
  ],
  [
    "result without a value",
    encodeValue(EndKind.result, 1, undefined),
    decodeEndMessage,
    [EndKind.result, 1],
  ],
  ["window", encodeWindow(1, 300_000), decodeEndMessage, [EndKind.window, 1, 300_000]],
  [
    "window that wants nothing",
    encodeWindow(1, undefined),
    decodeEndMessage,
    [EndKind.window, 1, null],
  ],
  [
    "message",
    encodeMessage("note", { text: "hi" }),
    decodeEndMessage,
    [EndKind.message, "note", { text: "hi" }],
  ],
  ["describe", encodeDescribe(3), decodeEndMessage, [EndKind.describe, 3]],
  [
    "urgent",
    encodeFrame(FrameKind.urgent, encodeCancel(1)),
    (it) => decodeEndMessage(decodeFrame(it).body),
    [EndKind.cancel, 1],
  ],
];

test.each(frames)("%s is written and read as its vector says", (name, frame, read, value) => {
  expect(Buffer.from(frame).toString("hex")).toBe(Buffer.from(bytesOf(name)).toString("hex"));
  expect(read(bytesOf(name))).toEqual(value);
});

test("an error travels in a failure and in a notice", () => {
  const failure = encodeFailure(1, true, error);
  expect(Buffer.from(failure).toString("hex")).toBe(
    Buffer.from(bytesOf("failure")).toString("hex"),
  );
  const notice = encodeNotice({ hop: 1, path: ["relay", "laptop"], session, error });
  expect(Buffer.from(notice).toString("hex")).toBe(Buffer.from(bytesOf("notice")).toString("hex"));
  expect(decodeNotice(decodeFrame(bytesOf("notice")))).toMatchObject({
    ...{
      hop: 1,
      path: ["relay", "laptop"],
      session,
      error: { code: "NO_ROUTE", message: "no way" },
    },
  });
});

test("there is no vector that nobody checks", () => {
  const known = [...frames.map(([name]) => name), "failure", "notice"];
  expect(vectors.map(({ name }) => name).toSorted()).toEqual(known.toSorted());
});
