import type { Clock, Logger, Rng } from "@net/core";
import type { PeerLink } from "../links/peer-link.ts";
import type { Mesh } from "../mesh/mesh.ts";
import { stopped } from "../stopped.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";
import type { Envelope } from "../wire/envelope.ts";
import { FrameKind } from "../wire/kinds.ts";
import { CallQuality } from "./call-quality.ts";
import { IncomingCalls } from "./incoming.ts";
import { type Invocation, OutgoingCalls, type RemoteOutcome } from "./outgoing.ts";

export interface CallsOptions {
  readonly self: string;
  readonly tools: ToolExecutor;
  readonly mesh: Pick<Mesh, "post" | "routes" | "paths">;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** Calls in both directions. */
export class Calls {
  readonly quality: CallQuality;
  readonly #self: string;
  readonly #tools: ToolExecutor;
  readonly #outgoing: OutgoingCalls;
  readonly #incoming: IncomingCalls;

  constructor({ self, tools, mesh, clock, rng, logger }: CallsOptions) {
    const { post, routes, paths } = mesh;
    this.quality = new CallQuality(clock);
    const { quality } = this;
    this.#self = self;
    this.#tools = tools;
    this.#outgoing = new OutgoingCalls({ post, routes, paths, quality, clock, rng });
    this.#incoming = new IncomingCalls({ tools, post, paths, logger });
  }

  /** Calls a tool of any peer, this one too. */
  async invoke(peerId: string, invocation: Invocation): Promise<RemoteOutcome> {
    if (peerId !== this.#self) return await this.#outgoing.invoke(peerId, invocation);
    const { tool, args, ...options } = invocation;
    const caller = { peerId, hops: 0 };
    return { ...(await this.#tools.run(tool, args, { ...options, caller })), hops: 0 };
  }

  /** Takes a frame, if it is one of a call. @throws ProtocolError if it is malformed. */
  deliver(envelope: Envelope, from: PeerLink): void {
    const { kind } = envelope.frame;
    if (kind === FrameKind.request) this.#incoming.request(envelope, from);
    else if (kind === FrameKind.cancel) this.#incoming.cancel(envelope);
    else if (kind === FrameKind.progress) this.#outgoing.progress(envelope);
    else if (kind === FrameKind.response) this.#outgoing.response(envelope);
    else if (kind === FrameKind.undelivered) this.#outgoing.undelivered(envelope);
  }

  /** Ends all calls, in both directions. */
  close(): void {
    this.#outgoing.close();
    this.#incoming.close(stopped());
  }
}
