import { type JsonObject, type Logger, NetworkError, ProtocolError } from "@net/core";
import type { LinkTable } from "../links/link-table.ts";
import type { MessageType, PeerLink } from "../links/peer-link.ts";
import { isName } from "../names.ts";
import { encodeError, type UndeliveredHeader } from "../wire/calls.ts";
import { type Envelope, encodeRouted, type Path, readEnvelope, wayBack } from "../wire/envelope.ts";
import { type Frame, nextHop } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";
import { noRoute } from "./routes.ts";

/** How urgent the frames of each kind are, here and on every relay. Those of one call keep their order. */
const messageTypes: ReadonlyMap<FrameKind, MessageType> = new Map<FrameKind, MessageType>([
  [FrameKind.request, "tool-call"],
  [FrameKind.cancel, "tool-call"],
  [FrameKind.progress, "tool-result"],
  [FrameKind.response, "tool-result"],
  [FrameKind.undelivered, "notice"],
]);

/** A frame to send along a path. */
export interface Parcel {
  readonly kind: FrameKind;
  readonly path: Path;
  readonly fields: JsonObject;
  readonly body?: Uint8Array;
}

export interface PostOptions {
  readonly self: string;
  readonly links: LinkTable;
  /** Whether frames of others are passed on. */
  readonly relay: boolean;
  readonly logger: Logger;
  /** Takes what is for this peer. Must not throw: what is wrong with it is not the neighbour's fault. */
  readonly deliver: (envelope: Envelope, from: PeerLink) => void;
}

/** Sends frames along paths, and passes on those of others. It keeps nothing of what it has passed on. */
export class Post {
  readonly #options: PostOptions;

  constructor(options: PostOptions) {
    this.#options = options;
  }

  /** Waits until the first link has the frame. @throws NetworkError `NO_ROUTE`, as `PeerLink.send`: it was not sent. */
  async send(parcel: Parcel, signal?: AbortSignal): Promise<void> {
    await this.#firstLink(parcel.path).send(encode(parcel), typeOf(parcel.kind), signal);
  }

  /** Sends when its turn comes. @throws NetworkError `NO_ROUTE`, as `PeerLink.offer`: it was not taken. */
  offer(parcel: Parcel): void {
    this.#firstLink(parcel.path).offer(encode(parcel), typeOf(parcel.kind));
  }

  /** A frame that came over a link. @throws ProtocolError if the neighbour must not have sent it. */
  receive(from: PeerLink, frame: Frame): void {
    const envelope = readEnvelope(frame);
    const { path } = envelope;
    if (path[frame.hop] !== this.#options.self || path[frame.hop - 1] !== from.peerId) {
      throw new ProtocolError(`a frame came from ${from.peerId} that is on another way`);
    }
    if (frame.hop === path.length - 1) this.#options.deliver(envelope, from);
    else this.#passOn(envelope);
  }

  #passOn(envelope: Envelope): void {
    const { self, relay, links } = this.#options;
    const { frame, path, destination } = envelope;
    const next = path[frame.hop + 1] as string;
    try {
      if (!relay) throw noRoute(destination, `no way through ${self}, which does not relay`);
      const link = links.get(next);
      if (!link) throw noRoute(destination, `no link from ${self} to ${next}`);
      link.offer(nextHop(frame), typeOf(frame.kind));
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      this.#options.logger.debug({ path, kind: frame.kind, error }, "a frame was not passed on");
      this.#tellCaller(envelope, error);
    }
  }

  /** Whoever waits for an answer must not wait for one that cannot come. */
  #tellCaller(envelope: Envelope, error: NetworkError): void {
    const { frame, path } = envelope;
    const { id } = frame.header;
    if (!isName(id)) return;
    if (frame.kind === FrameKind.request) {
      this.#tell(wayBack(envelope), { id, lost: "request" }, error);
    } else if (frame.kind === FrameKind.response) {
      this.#tell(path.slice(frame.hop), { id, lost: "response" }, error);
    }
  }

  #tell(path: Path, fields: UndeliveredHeader, error: NetworkError): void {
    try {
      this.offer({
        kind: FrameKind.undelivered,
        path,
        fields: { ...fields },
        body: encodeError(error),
      });
    } catch (failure) {
      if (!NetworkError.is(failure)) throw failure;
      this.#options.logger.debug({ path, error: failure }, "nor could its caller be told");
    }
  }

  #firstLink(path: Path): PeerLink {
    const link = this.#options.links.get(path[1] as string);
    if (link) return link;
    throw noRoute(path.at(-1) as string, `no link to ${path[1]}`);
  }
}

function encode({ kind, path, fields, body }: Parcel): Uint8Array {
  return encodeRouted(kind, path, fields, body);
}

function typeOf(kind: FrameKind): MessageType {
  return messageTypes.get(kind) ?? "message";
}
