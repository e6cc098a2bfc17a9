import type { Channel } from "../channel/channel.ts";
import { hashArgs } from "../ledger/args-hash.ts";
import type { ResultLedger } from "../ledger/result-ledger.ts";
import type { LedgerWait } from "../ledger/shared-run.ts";
import type { Outcome } from "../tools/outcome.ts";
import type { RunOptions, ToolExecutor } from "../tools/tool-executor.ts";
import type { Request } from "../wire/calls.ts";
import type { OutgoingStream } from "./outgoing-stream.ts";
import { principalOf } from "./principal.ts";

/** One request of another peer, allowed and about to run. */
export class IncomingRun {
  readonly #tools: ToolExecutor;
  readonly #channel: Channel;
  readonly #request: Request;
  readonly #stream: OutgoingStream;

  constructor(tools: ToolExecutor, channel: Channel, request: Request, stream: OutgoingStream) {
    this.#tools = tools;
    this.#channel = channel;
    this.#request = request;
    this.#stream = stream;
  }

  /** Runs the tool. */
  async start(
    run: Pick<RunOptions, "signal" | "onProgress">,
    onStream: () => void = () => {},
  ): Promise<Outcome> {
    const { tool, args, deadlineMs, context } = this.#request;
    const { peerId, hops } = this.#channel;
    return await this.#tools.run(tool, args, {
      ...{ ...run, deadlineMs, context, caller: { peerId, hops } },
      onChunk: (value) => {
        onStream();
        return this.#stream.send(value);
      },
    });
  }

  /** The same for a call with a key, which may have come before: then it joins that one, or gets how it ended. */
  async once(ledger: ResultLedger, wait: LedgerWait): Promise<Outcome> {
    const { tool, args, deadlineMs, idempotencyKey: key = "" } = this.#request;
    const call = { owner: principalOf(this.#channel), tool, key, argsHash: hashArgs(args) };
    return await ledger.run(call, { ...wait, deadlineMs }, ({ signal, progress, streams }) =>
      this.start({ signal, onProgress: progress }, streams),
    );
  }
}
