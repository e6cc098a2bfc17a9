import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { NetworkError } from "@net/core";
import { BodyStream } from "./body-stream.ts";
import { decoders } from "./content-coding.ts";

export interface DecompressOptions {
  /** The most it may grow to. */
  readonly maxBytes: number;
  readonly tooLarge: () => NetworkError;
  readonly undecodable: (cause: unknown) => NetworkError;
}

/** A compressed body, plain; it is read no faster than its reader reads. */
export function decompressed(
  raw: BodyStream,
  codings: readonly string[],
  { maxBytes, tooLarge, undecodable }: DecompressOptions,
): BodyStream {
  const gate = new Gate();
  const plain = new BodyStream({
    pause: () => gate.shut(),
    resume: () => gate.open(),
    cancel: () => {
      gate.open();
      void raw.return();
    },
  });
  let length = 0;
  const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) {
      length += chunk.byteLength;
      if (length > maxBytes) throw tooLarge();
      plain.push(chunk);
      await gate.passed;
    }
  };
  const flow = async (): Promise<void> => {
    const stages = decoders(codings);
    const source = Readable.from(raw, { objectMode: false });
    await Promise.all([collect(stages.at(-1) ?? source), pipeline([source, ...stages])]);
  };
  void flow().then(
    () => plain.end(),
    (cause: unknown) => {
      plain.end(NetworkError.is(cause) ? cause : undecodable(cause));
      void raw.return();
    },
  );
  return plain;
}

/** Lets through while open. */
class Gate {
  #opening: PromiseWithResolvers<void> | undefined;

  get passed(): Promise<void> | undefined {
    return this.#opening?.promise;
  }

  shut(): void {
    this.#opening ??= Promise.withResolvers();
  }

  open(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }
}
