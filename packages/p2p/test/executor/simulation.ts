import { seededRng } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { ToolRouter } from "@net/routing";
import { attachRouter } from "../../src/executor/attachment.ts";
import { bestOfEight } from "../../src/executor/best-of-eight.ts";
import {
  DistributedExecutor,
  type DistributedExecutorOptions,
} from "../../src/executor/distributed-executor.ts";
import type { ExecuteOptions, Execution } from "../../src/executor/execution.ts";
import { ToolExecutor } from "../../src/tools/tool-executor.ts";
import { SimNetwork, type SimPeer } from "./sim-network.ts";

/** How an execution ended: its result, or an error's code. */
export type Ending = Execution | string;

/** An executor, and a network of peers that are played. */
export class Simulation {
  readonly clock: FakeClock = new FakeClock();
  readonly network: SimNetwork = new SimNetwork(this.clock);
  readonly tools: ToolExecutor = new ToolExecutor({ clock: this.clock });
  readonly router: ToolRouter;
  readonly executor: DistributedExecutor;

  constructor(options: DistributedExecutorOptions = {}, seed = 1) {
    const { clock, network } = this;
    const rng = seededRng(seed);
    this.router = new ToolRouter({ quality: network.quality, rng, strategy: bestOfEight });
    attachRouter(this.router, network);
    this.executor = new DistributedExecutor(this.tools, this.router, { clock, rng, ...options });
  }

  peers(...ids: readonly string[]): SimPeer[] {
    return ids.map((id) => this.network.peer(id));
  }

  /** Runs the tool `work`; never rejects. */
  async execute(options: ExecuteOptions = {}, params: unknown = {}): Promise<Ending> {
    try {
      return await this.executor.execute("work", params, {}, options);
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  }

  /** How the execution ended, once the clock has moved on by `ms`; `pending` if it has not. */
  async after(ms: number, execution: Promise<Ending>): Promise<Ending> {
    let ending: Ending = "pending";
    void execution.then((ended) => {
      ending = ended;
    });
    await this.clock.advance(ms);
    await settle();
    return ending;
  }
}
