import { NetworkError, ProtocolError } from "@net/core";
import { TAG_BYTES } from "./cipher-state.ts";
import { SymmetricState } from "./symmetric-state.ts";
import { type DHKeyPair, generateDHKeyPair, KEY_BYTES, sharedSecret } from "./x25519.ts";

/** The Noise Protocol Framework, revision 34: https://noiseprotocol.org/noise.html. */
const PROTOCOL_NAME = "Noise_XX_25519_ChaChaPoly_SHA256";

export type NoiseRole = "initiator" | "responder";

type Token = "e" | "s" | "ee" | "es" | "se";

/** XX (§7.5): each shows its static key under encryption; the initiator's last, to one whose key it knows. */
const PATTERN: readonly (readonly Token[])[] = [["e"], ["e", "ee", "s", "es"], ["s", "se"]];

export interface NoiseHandshakeOptions {
  readonly role: NoiseRole;
  /** What both ends must agree on for the handshake to succeed. */
  readonly prologue: Uint8Array;
  readonly staticKey: DHKeyPair;
  /** For vectors. Default: a fresh one, as it must be. */
  readonly ephemeralKey?: DHKeyPair | undefined;
}

/** What a handshake gives. */
export interface NoiseKeys {
  /** For what this end says, and nothing else: 32 bytes. */
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
  /** Names this channel: the same at both ends, and nowhere else (§11.2). */
  readonly handshakeHash: Uint8Array;
}

/** One end of a Noise XX handshake: three messages, written and read in turn, the initiator's first. */
export class NoiseHandshake {
  readonly #role: NoiseRole;
  readonly #symmetric: SymmetricState = new SymmetricState(PROTOCOL_NAME);
  readonly #staticKey: DHKeyPair;
  readonly #ephemeralKey: DHKeyPair;
  #remoteStaticKey: Uint8Array | undefined;
  #remoteEphemeralKey: Uint8Array | undefined;
  #step = 0;

  constructor({ role, prologue, staticKey, ephemeralKey }: NoiseHandshakeOptions) {
    this.#role = role;
    this.#staticKey = staticKey;
    this.#ephemeralKey = ephemeralKey ?? generateDHKeyPair();
    this.#symmetric.mixHash(prologue);
  }

  /** The next message. Its payload is encrypted in all but the first. @throws NetworkError `INVALID_STATE` out of turn. */
  write(payload: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const token of this.#take("initiator")) {
      if (token === "e") parts.push(this.#showEphemeral());
      else if (token === "s") parts.push(this.#symmetric.encryptAndHash(this.#staticKey.publicKey));
      else this.#mix(token);
    }
    parts.push(this.#symmetric.encryptAndHash(payload));
    return Buffer.concat(parts);
  }

  /** @returns the payload of the other's message. @throws ProtocolError if it is not authentic; `INVALID_STATE` out of turn. */
  read(message: Uint8Array): Uint8Array {
    let rest = message;
    const take = (length: number): Uint8Array => {
      if (rest.byteLength < length) throw new ProtocolError("a handshake message is too short");
      const part = rest.subarray(0, length);
      rest = rest.subarray(length);
      return part;
    };
    for (const token of this.#take("responder")) {
      if (token === "e") this.#readEphemeral(take(KEY_BYTES));
      else if (token === "s") this.#readStatic(take(KEY_BYTES + TAG_BYTES));
      else this.#mix(token);
    }
    return this.#symmetric.decryptAndHash(rest);
  }

  /** The static key that the other end has shown, and holds. @throws NetworkError `INVALID_STATE` before it did. */
  get remoteStaticKey(): Uint8Array {
    if (!this.#remoteStaticKey) throw outOfTurn();
    return this.#remoteStaticKey;
  }

  /** @throws NetworkError `INVALID_STATE` before the third message. */
  finish(): NoiseKeys {
    if (this.#step < PATTERN.length) throw outOfTurn();
    const [first, second] = this.#symmetric.split();
    const isInitiator = this.#role === "initiator";
    return {
      sendKey: isInitiator ? first : second,
      receiveKey: isInitiator ? second : first,
      handshakeHash: this.#symmetric.hash,
    };
  }

  /** The tokens of the next message, if it is that role's turn at even steps. */
  #take(even: NoiseRole): readonly Token[] {
    const tokens = PATTERN[this.#step];
    const isTurn = (this.#step % 2 === 0) === (this.#role === even);
    if (!tokens || !isTurn) throw outOfTurn();
    this.#step++;
    return tokens;
  }

  #showEphemeral(): Uint8Array {
    const { publicKey } = this.#ephemeralKey;
    this.#symmetric.mixHash(publicKey);
    return publicKey;
  }

  #readEphemeral(key: Uint8Array): void {
    this.#remoteEphemeralKey = Uint8Array.from(key);
    this.#symmetric.mixHash(key);
  }

  #readStatic(encrypted: Uint8Array): void {
    this.#remoteStaticKey = Uint8Array.from(this.#symmetric.decryptAndHash(encrypted));
  }

  /** `es` is the initiator's ephemeral with the responder's static key, `se` the other way round. */
  #mix(token: "ee" | "es" | "se"): void {
    const ownIsEphemeral = token === "ee" || (token === "es") === (this.#role === "initiator");
    const otherIsEphemeral = token === "ee" || !ownIsEphemeral;
    const own = ownIsEphemeral ? this.#ephemeralKey : this.#staticKey;
    const other = otherIsEphemeral ? this.#remoteEphemeralKey : this.#remoteStaticKey;
    if (!other) throw outOfTurn();
    this.#symmetric.mixKey(sharedSecret(own, other));
  }
}

function outOfTurn(): NetworkError {
  return new NetworkError("INVALID_STATE", "this handshake message is out of turn");
}
