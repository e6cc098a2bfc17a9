/** Ctrl-C or a polite kill, as a signal. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
  /** What a shell expects of a process that ended by that signal: 128 + its number. */
  exitCode(): number;
}

const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGPIPE: 13 } as const;

/** Aborts when the terminal or somebody else asks this process to end, or nobody reads what it says any more. */
export function untilInterrupted(): Interrupt {
  const controller = new AbortController();
  let by: keyof typeof numbers = "SIGINT";
  const interrupt = (name: NodeJS.Signals): void => {
    by = name as keyof typeof numbers;
    controller.abort(new Error(`interrupted by ${name}`));
  };
  const unheard = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
    interrupt("SIGPIPE");
  };
  for (const name of Object.keys(numbers)) process.on(name, interrupt);
  process.stdout.on("error", unheard);
  return {
    signal: controller.signal,
    exitCode: () => 128 + numbers[by],
    [Symbol.dispose]: () => {
      for (const name of Object.keys(numbers)) process.off(name, interrupt);
    },
  };
}
