import { assertPositive, isRecord } from "@net/core";
import { publicKeyObject } from "@net/core/identity";
import {
  assertOptions,
  callable,
  either,
  type Rules,
  readElsewhere,
  text,
} from "@net/core/options";
import type { KnownPeers } from "../admission/known-peers.ts";
import { invalid } from "../names.ts";

/** A day: long enough for a working day on the road, short enough to be forgotten rather than revoked. */
const MAX_TOKEN_LIFETIME: number = 24 * 60 * 60_000;

export interface AdmissionSettings {
  /** Raw Ed25519 public keys (`identity.publicKey`): peers with a token that one of these devices made are let in. */
  readonly issuers?: readonly Uint8Array[];
  /** This peer's own token, which one of them made for its key. A function is asked whenever a link is made. */
  readonly token?: string | (() => string | PromiseLike<string>);
  /** Which device has which id: a `Map`, or something that outlives this process. Default: in memory. */
  readonly knownPeers?: KnownPeers;
  /** Tokens that are good for longer are refused, in ms. Default a day. */
  readonly maxTokenLifetime?: number;
}

/** {@link AdmissionSettings} with their defaults, checked. */
export interface AdmissionRules {
  readonly issuers: readonly Uint8Array[];
  /** Undefined if this peer was given none. */
  readonly token: (() => string | PromiseLike<string>) | undefined;
  /** Undefined: in memory. */
  readonly knownPeers: KnownPeers | undefined;
  readonly maxTokenLifetime: number;
  /** Whether tokens must name the device that they are for. */
  readonly boundTokensOnly: boolean;
}

const rules: Rules<AdmissionSettings> = {
  ...{ issuers: readElsewhere, token: either(text, callable) },
  ...{ knownPeers: readElsewhere, maxTokenLifetime: readElsewhere },
};

/** @throws ValidationError naming the option and what it must be. */
export function readAdmission(given: AdmissionSettings = {}, strict: boolean): AdmissionRules {
  assertOptions(given, rules, "admission");
  const { issuers = [], token, knownPeers, maxTokenLifetime = MAX_TOKEN_LIFETIME } = given;
  if (!Array.isArray(issuers)) throw invalid("admission.issuers", "a list of public keys");
  for (const issuer of issuers) publicKeyObject(issuer);
  return {
    ...{ issuers, knownPeers: readKnownPeers(knownPeers), boundTokensOnly: strict },
    token: typeof token === "string" ? () => token : token,
    maxTokenLifetime: assertPositive(maxTokenLifetime, "admission.maxTokenLifetime"),
  };
}

function readKnownPeers(known: KnownPeers | undefined): KnownPeers | undefined {
  const store: unknown = known;
  if (store === undefined) return undefined;
  const methods = isRecord(store) || store instanceof Map ? (store as Partial<KnownPeers>) : {};
  if (typeof methods.get === "function" && typeof methods.set === "function") return known;
  throw invalid("admission.knownPeers", "something with get and set, as a Map has");
}
