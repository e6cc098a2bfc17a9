import { randomBytes } from "node:crypto";
import { ConnectionError, formatHostPort, type HostPort } from "@net/core";
import type { PeerConfig, PeerMethods } from "../peer/methods.ts";
import { Child } from "../process/child.ts";
import type { ServerMethods } from "../server/main.ts";
import type { TextFile } from "./file.ts";
import { confinement } from "./permissions.ts";

export type PeerName = "desktop" | "laptop" | "gpu-box";
export const peerNames: readonly PeerName[] = ["desktop", "laptop", "gpu-box"];

export interface WorldOptions {
  readonly file: TextFile;
  /** Where laptop accepts a second machine; without it everything stays on loopback. */
  readonly listen?: HostPort;
}

/** The tour's machines: one server and three peers, each its own process, and what they share. */
export class World implements AsyncDisposable {
  /** Random, so that two tours on one machine never meet. */
  readonly networkId: string = `demo-${randomBytes(6).toString("hex")}`;
  readonly file: TextFile;
  readonly server: Child<ServerMethods>;
  serverUrl = "";
  readonly #peers = new Map<PeerName, Child<PeerMethods>>();
  readonly #addresses = new Map<PeerName, string>();
  readonly #jwtSecret = randomBytes(32).toString("hex");
  readonly #listen: HostPort | undefined;

  /** Starts the server's process; the peers' are started by {@link World.boot}. */
  constructor(options: WorldOptions) {
    this.file = options.file;
    this.#listen = options.listen;
    this.server = new Child({
      name: "server",
      entry: new URL("../server/main.ts", import.meta.url),
    });
  }

  /** @throws ConnectionError if the address for a second machine cannot be listened at, and whatever a process threw. */
  async boot(signal: AbortSignal): Promise<void> {
    const [{ url }] = await Promise.all([
      this.server.call("start", {}, { signal }),
      ...peerNames.map((name) => this.startPeer(name, signal)),
    ]);
    this.serverUrl = url;
  }

  peer(name: PeerName): Child<PeerMethods> {
    const peer = this.#peers.get(name);
    if (!peer) throw new Error(`${name} was not started`);
    return peer;
  }

  /** As the peer listens. */
  addressOf(name: PeerName): string {
    return this.#addresses.get(name) ?? "";
  }

  /** Starts a peer's process, or starts it again after it died. */
  async startPeer(name: PeerName, signal: AbortSignal): Promise<void> {
    const entry = new URL("../peer/main.ts", import.meta.url);
    const nodeArguments = name === "gpu-box" ? confinement() : [];
    const peer = new Child<PeerMethods>({ name, entry, nodeArguments });
    this.#peers.set(name, peer);
    const { address } = await peer
      .call("start", this.#configOf(name), { signal })
      .catch((error: unknown) => this.#explain(error));
    this.#addresses.set(name, address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const children = [...this.#peers.values(), this.server];
    await Promise.all(children.map((child) => child[Symbol.asyncDispose]()));
  }

  /** Only an address that the user chose can be taken: all others are given by the system. */
  #explain(error: unknown): never {
    if (!this.#listen || !ConnectionError.is(error) || error.phase !== "listen") throw error;
    const where = formatHostPort(this.#listen);
    const message = `cannot listen at ${where} (${error.code}): choose another address with --listen`;
    throw new ConnectionError(message, { cause: error, code: error.code, phase: "listen" });
  }

  #configOf(name: PeerName): PeerConfig {
    const listen = name === "laptop" ? this.#listen : undefined;
    return {
      name,
      networkId: this.networkId,
      jwtSecret: this.#jwtSecret,
      host: listen?.host ?? "127.0.0.1",
      port: listen?.port ?? 0,
      capabilities: name === "gpu-box" ? ["cpu", "gpu"] : ["cpu"],
      relay: name === "laptop",
      refuse: name === "gpu-box" ? ["desktop"] : [],
      slowTool: name !== "laptop",
    };
  }
}
