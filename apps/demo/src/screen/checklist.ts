import { styleText } from "node:util";
import type { Step, StepResult } from "../tour/step.ts";

/** Where the tour shows how it goes. */
export interface Screen {
  heading(text: string): void;
  begin(step: Step): void;
  end(result: StepResult): void;
  say(text: string): void;
}

const FRAMES = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇"];
const FRAME_PERIOD = 80;

/** A live checklist on a terminal, and one line per finished step anywhere else. */
export class Checklist implements Screen, Disposable {
  readonly #out: NodeJS.WriteStream;
  #running: { readonly title: string; readonly timer: NodeJS.Timeout } | undefined;
  #frame = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  heading(text: string): void {
    this.#out.write(`\n${this.#style("bold", text)}\n\n`);
  }

  begin({ title }: Step): void {
    if (!this.#out.isTTY) return;
    this.#running = { title, timer: setInterval(() => this.#draw(), FRAME_PERIOD) };
    this.#draw();
  }

  end({ ok, title, seen, error, durationMs }: StepResult): void {
    this.#clear();
    const mark = ok ? this.#style("green", "✔") : this.#style("red", "✘");
    const time = this.#style("gray", `${(durationMs / 1000).toFixed(1)} s`);
    this.#out.write(`${mark} ${this.#style("bold", title)}  ${time}\n`);
    for (const line of [seen?.words ?? "", ...(seen?.lines ?? []), error ?? ""]) {
      if (line) this.#out.write(`  ${line.replaceAll("\n", "\n  ")}\n`);
    }
  }

  say(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
  }

  [Symbol.dispose](): void {
    this.#clear();
  }

  #draw(): void {
    const frame = FRAMES[this.#frame++ % FRAMES.length] as string;
    this.#out.write(`\r\x1b[2K${this.#style("cyan", frame)} ${this.#running?.title}`);
  }

  #clear(): void {
    if (!this.#running) return;
    clearInterval(this.#running.timer);
    this.#running = undefined;
    this.#out.write("\r\x1b[2K");
  }

  /** Colour on terminals that have it, honouring NO_COLOR. */
  #style(format: Parameters<typeof styleText>[0], text: string): string {
    return styleText(format, text, { stream: this.#out });
  }
}

/** For `--json`: nothing is shown. */
export const blankScreen: Screen = {
  heading: () => {},
  begin: () => {},
  end: () => {},
  say: () => {},
};
