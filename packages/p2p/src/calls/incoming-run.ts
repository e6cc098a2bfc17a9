import { hashArgs } from "../ledger/args-hash.ts";
import type { ResultLedger } from "../ledger/result-ledger.ts";
import type { Outcome } from "../tools/outcome.ts";
import type { Caller } from "../tools/tool.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";
import type { ChunkSink } from "../tools/tool-stream.ts";
import { principalOf } from "./principal.ts";
import type { RunningCall } from "./running-call.ts";

type Progress = (value: unknown) => void;

/** Runs a tool for another peer. */
export function runOnce(
  tools: ToolExecutor,
  running: RunningCall,
  onProgress: Progress,
): Outcome | Promise<Outcome> {
  const { request, scope: limit } = running;
  const { context } = request;
  const caller = callerOf(running);
  const onChunk: ChunkSink = (value) => running.stream.send(value);
  return tools.start(request.tool, request.args, { context, caller, limit, onProgress, onChunk });
}

/** The same for a call with a key, which may have come before: then it joins that one, or gets how it ended. */
export async function runKeyed(
  tools: ToolExecutor,
  ledger: ResultLedger,
  running: RunningCall,
  onProgress: Progress,
): Promise<Outcome> {
  const { request, channel, scope, lost } = running;
  const { tool, args, context, deadlineMs, idempotencyKey: key = "" } = request;
  const caller = callerOf(running);
  const call = { owner: principalOf(channel), tool, key, argsHash: hashArgs(args) };
  const wait = { signal: scope.signal, deadlineMs, lost, onProgress };
  return await ledger.run(call, wait, ({ signal, progress, streams }) => {
    const onChunk: ChunkSink = (value) => {
      streams();
      return running.stream.send(value);
    };
    const options = { context, caller, signal, deadlineMs, onProgress: progress, onChunk };
    return tools.run(tool, args, options);
  });
}

function callerOf({ channel: { peerId, hops } }: RunningCall): Caller {
  return { peerId, hops };
}
