import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { ip } from "./namespaces.ts";

const run = promisify(execFile);

/** What is sent from one machine to another, by their numbers. */
export type OneWay = readonly [from: number, to: number];

/** Forwards all but what is in the set. */
const ROUTER = `
table inet faults {
  set cut { type ipv4_addr . ipv4_addr; }
  chain forward { type filter hook forward priority 0; ip saddr . ip daddr @cut drop; }
}`;

/**
 * Machines in networks of their own, joined by one router, which can lose what one sends to another without a word to
 * either: network namespaces of this test's own. Needs root, `ip` and `nft`.
 */
export class RoutedMachines implements AsyncDisposable {
  readonly #names: readonly string[];
  readonly #router: string;
  /** The last byte of the address of each. */
  readonly #hosts: number[];

  private constructor(count: number) {
    const id = randomBytes(3).toString("hex");
    this.#router = `net-r-${id}`;
    this.#names = Array.from({ length: count }, (_, machine) => `net-${machine}-${id}`);
    this.#hosts = this.#names.map(() => 2);
  }

  static async create(count: number): Promise<RoutedMachines> {
    const machines = new RoutedMachines(count);
    try {
      await machines.#startRouter();
      await Promise.all(machines.#names.map((_, machine) => machines.#join(machine)));
      return machines;
    } catch (error) {
      await machines[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What runs a program on one of them: put it before the program's own arguments. */
  on(machine: number): readonly string[] {
    return ["ip", "netns", "exec", this.#name(machine)];
  }

  addressOf(machine: number): string {
    return `${network(machine)}.${this.#hosts[machine]}`;
  }

  /** Loses what is sent these ways from now on, and nothing else. */
  async cut(ways: readonly OneWay[]): Promise<void> {
    const pairs = ways.map(([from, to]) => `${this.addressOf(from)} . ${this.addressOf(to)}`);
    const add = pairs.length > 0 ? `; add element inet faults cut { ${pairs.join(", ")} }` : "";
    await this.#nft(`flush set inet faults cut${add}`);
  }

  /** Takes a machine's address away, and gives it another one. */
  async moveToNewAddress(machine: number): Promise<void> {
    const name = this.#name(machine);
    await ip("-n", name, "address", "delete", `${this.addressOf(machine)}/24`, "dev", "eth0");
    this.#hosts[machine] = (this.#hosts[machine] ?? 2) + 1;
    await this.#address(machine);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The virtual interfaces go with the namespaces. One that was never made is gone already.
    for (const name of [...this.#names, this.#router])
      await ip("netns", "delete", name).catch(() => {});
  }

  async #startRouter(): Promise<void> {
    await ip("netns", "add", this.#router);
    const forward = "echo 1 > /proc/sys/net/ipv4/ip_forward";
    await ip("netns", "exec", this.#router, "sh", "-c", forward);
    await this.#nft(ROUTER);
  }

  async #join(machine: number): Promise<void> {
    const [name, router, port] = [this.#name(machine), this.#router, `port${machine}`];
    await ip("netns", "add", name);
    const far = ["peer", "name", "eth0", "netns", name];
    await ip("link", "add", port, "netns", router, "type", "veth", ...far);
    await ip("-n", router, "address", "add", `${network(machine)}.1/24`, "dev", port);
    await ip("-n", router, "link", "set", port, "up");
    await ip("-n", name, "link", "set", "lo", "up");
    await ip("-n", name, "link", "set", "eth0", "up");
    await this.#address(machine);
  }

  async #address(machine: number): Promise<void> {
    const name = this.#name(machine);
    await ip("-n", name, "address", "add", `${this.addressOf(machine)}/24`, "dev", "eth0");
    await ip("-n", name, "route", "add", "default", "via", `${network(machine)}.1`);
  }

  #name(machine: number): string {
    const name = this.#names[machine];
    if (name === undefined) throw new RangeError(`there is no machine ${machine}`);
    return name;
  }

  async #nft(commands: string): Promise<void> {
    await run("ip", ["netns", "exec", this.#router, "nft", commands]);
  }
}

/** The first three bytes of the addresses there. */
function network(machine: number): string {
  return `10.78.${machine}`;
}
