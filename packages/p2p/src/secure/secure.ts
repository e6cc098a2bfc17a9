import { type BaseLinkOptions, type CloseReason, type Link, ProtocolError } from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import { NoiseHandshake, type NoiseRole } from "../noise/handshake.ts";
import { type DHKeyPair, generateDHKeyPair } from "../noise/x25519.ts";
import { type ChannelPolicy, DEFAULT_CHANNEL_POLICY } from "./channel-policy.ts";
import { FrameByFrame } from "./frame-by-frame.ts";
import { introduce, readIntroduction } from "./introduction.ts";
import { sealOf } from "./seal-of.ts";
import { SecureLink } from "./secure-link.ts";
import {
  agreeOn,
  type ChannelTerms,
  encodeTerms,
  ownTerms,
  type Privacy,
  readTerms,
} from "./terms.ts";

/** Names this protocol and its version: ends that speak another do not meet. */
const PROTOCOL = "net/p2p/1";
/** A certificate, a token and some names are far below this. */
const MAX_HANDSHAKE_BYTES = 16 * 1024;
const NOTHING: Uint8Array = new Uint8Array(0);

export interface SecureOptions<T> {
  readonly role: NoiseRole;
  readonly identity: DeviceIdentity;
  /** What the link is for: both ends must mean the same. */
  readonly context: string;
  /** What this end says of itself, which nobody but the other end can read. */
  readonly introduction: Uint8Array;
  /** What this end wants of the link. Default: encrypted, or bound to its TLS channel; not signed. */
  readonly policy?: ChannelPolicy | undefined;
  /** Looks at who is there, and throws if it should not be. The initiator looks before it says who it is. */
  readonly check: (body: Uint8Array, device: Uint8Array, terms: ChannelTerms) => T | PromiseLike<T>;
  /** What it means that the link ended meanwhile. */
  readonly errorOf: (reason: CloseReason) => Error;
  /** Ends a link whose other end is not wanted, and tells it why. */
  readonly refuse: (link: Link, error: unknown) => Promise<void>;
  readonly limits?: Pick<BaseLinkOptions, "maxFrameBytes" | "highWaterMark" | "clock"> | undefined;
  readonly signal: AbortSignal;
}

/** A link that is secured, and who is at its other end. */
export interface Secured<T> {
  readonly link: SecureLink;
  /** What `check` made of the other end. */
  readonly other: T;
}

/**
 * Runs the handshake over a link that nobody listens to yet. Over TLS 1.3 it is bound to that very channel.
 *
 * @throws ProtocolError if the other end does not speak this, or somebody in between changed what it says;
 * AuthenticationError; what `check` throws; AbortedError. Then the link was ended, and the other end told why.
 */
export async function secure<T>(below: Link, options: SecureOptions<T>): Promise<Secured<T>> {
  const handshake = new Handshake(below, options);
  try {
    return await handshake.run();
  } catch (error) {
    await options.refuse(handshake.safest, error);
    throw error;
  }
}

/** The other end, after it has shown itself. */
interface Met {
  readonly device: Uint8Array;
  readonly body: Uint8Array;
  readonly terms: ChannelTerms;
  readonly privacy: Privacy;
}

/** One end of one handshake, message by message. */
class Handshake<T> {
  readonly #options: SecureOptions<T>;
  readonly #policy: ChannelPolicy;
  readonly #frames: FrameByFrame;
  readonly #staticKey: DHKeyPair = generateDHKeyPair();
  readonly #noise: NoiseHandshake;
  #link: SecureLink | undefined;

  constructor(below: Link, options: SecureOptions<T>) {
    const { role, context, errorOf, policy = DEFAULT_CHANNEL_POLICY } = options;
    this.#options = options;
    this.#policy = policy;
    const prologue = prologueOf(context);
    this.#noise = new NoiseHandshake({ role, prologue, staticKey: this.#staticKey });
    this.#frames = new FrameByFrame(below, errorOf);
  }

  /** The secured link if there are keys for one, so that the reason why it ends is signed; else the one below. */
  get safest(): Link {
    return this.#link ?? this.#frames.link;
  }

  async run(): Promise<Secured<T>> {
    const own = ownTerms(this.#policy, this.#frames.link);
    return this.#options.role === "initiator"
      ? await this.#initiate(own)
      : await this.#respond(own);
  }

  async #initiate(own: ChannelTerms): Promise<Secured<T>> {
    this.#write(NOTHING);
    const met = await this.#meet(own);
    const other = await this.#check(met);
    this.#write(this.#introduction(own));
    return { link: this.#makeLink(met), other };
  }

  async #respond(own: ChannelTerms): Promise<Secured<T>> {
    await this.#read();
    this.#write(this.#introduction(own));
    const met = await this.#meet(own);
    const link = this.#makeLink(met);
    this.#link = link;
    return { link, other: await this.#check(met) };
  }

  #write(payload: Uint8Array): void {
    this.#frames.link.send(this.#noise.write(payload));
  }

  async #read(): Promise<Uint8Array> {
    return this.#noise.read(sizeChecked(await this.#frames.next(this.#options.signal)));
  }

  async #check({ body, device, terms }: Met): Promise<T> {
    return await this.#options.check(body, device, terms);
  }

  async #meet(own: ChannelTerms): Promise<Met> {
    const payload = await this.#read();
    const { device, body: said } = readIntroduction(payload, this.#noise.remoteStaticKey);
    const { terms, rest: body } = readTerms(said);
    return { device, body, terms, privacy: agreeOn(own, terms, this.#policy) };
  }

  #introduction(own: ChannelTerms): Uint8Array {
    const { identity, introduction } = this.#options;
    const body = Buffer.concat([encodeTerms(own), introduction]);
    return introduce(identity, this.#staticKey.publicKey, body);
  }

  #makeLink({ device, privacy }: Met): SecureLink {
    const keys = this.#noise.finish();
    const { role, identity, limits } = this.#options;
    const { signing } = this.#policy;
    const seal = sealOf({ keys, role, privacy, signing, identity, device });
    const { handshakeHash } = keys;
    const encrypted = privacy !== "none";
    return new SecureLink({ ...limits, below: this.#frames, seal, handshakeHash, encrypted });
  }
}

/** Each field with its length before it, so that no two contexts give the same bytes. */
function prologueOf(context: string): Uint8Array {
  const lengths = Buffer.alloc(4);
  return Buffer.concat(
    [PROTOCOL, context].flatMap((field) => {
      lengths.writeUInt32BE(Buffer.byteLength(field));
      return [Buffer.from(lengths), Buffer.from(field)];
    }),
  );
}

function sizeChecked(frame: Uint8Array): Uint8Array {
  if (frame.byteLength <= MAX_HANDSHAKE_BYTES) return frame;
  throw new ProtocolError(
    `a handshake message has ${frame.byteLength} bytes, more than ${MAX_HANDSHAKE_BYTES}`,
  );
}
