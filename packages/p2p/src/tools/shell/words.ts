import { invalid } from "../../names.ts";

/** What a shell would act upon outside quotes, by what it would do. */
const operators: ReadonlyMap<string, string> = new Map([
  ...[..."|&;<>()\n"].map((sign) => [sign, "a shell's operator"] as const),
  ...[..."$`"].map((sign) => [sign, "an expansion"] as const),
  ...[..."*?["].map((sign) => [sign, "a pattern of file names"] as const),
]);
/** What a backslash takes the meaning of inside double quotes (POSIX, XCU 2.2.3). */
const escapable = '$`"\\\n';
const blank = /[ \t]/;

/**
 * The words of a command by the rules of a POSIX shell (XCU 2.2 and 2.3): quotes and backslashes as there, and nothing
 * is expanded. What only a shell could carry out is refused.
 *
 * @throws ValidationError saying what was found and how to write it.
 */
export function splitWords(command: string): string[] {
  return new Splitter(command).split();
}

class Splitter {
  readonly #text: string;
  readonly #words: string[] = [];
  #at = 0;
  /** Undefined between words: an empty word can be quoted. */
  #word: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  split(): string[] {
    while (this.#at < this.#text.length) this.#step(this.#next());
    this.#endWord();
    return this.#words;
  }

  #step(sign: string): void {
    if (blank.test(sign)) this.#endWord();
    else if (sign === "'") this.#add(this.#until("'"));
    else if (sign === '"') this.#doubleQuoted();
    else if (sign === "\\") this.#escaped();
    else this.#plain(sign);
  }

  #plain(sign: string): void {
    const meaning = operators.get(sign);
    if (meaning) throw refused(sign, meaning);
    if (this.#word === undefined && sign === "~") throw refused(sign, "an expansion");
    if (this.#word === undefined && sign === "#") throw refused(sign, "a comment");
    this.#add(sign);
  }

  #escaped(): void {
    if (this.#at >= this.#text.length) throw unfinished("a backslash");
    const sign = this.#next();
    if (sign !== "\n") this.#add(sign);
  }

  #doubleQuoted(): void {
    this.#add("");
    for (;;) {
      if (this.#at >= this.#text.length) throw unfinished('a "');
      const sign = this.#next();
      if (sign === '"') return;
      if (sign === "$" || sign === "`") throw refused(sign, "an expansion");
      this.#add(sign === "\\" ? this.#escapedInQuotes() : sign);
    }
  }

  #escapedInQuotes(): string {
    const sign = this.#text.charAt(this.#at);
    if (sign === "" || !escapable.includes(sign)) return "\\";
    this.#at += 1;
    return sign === "\n" ? "" : sign;
  }

  #until(quote: string): string {
    const end = this.#text.indexOf(quote, this.#at);
    if (end === -1) throw unfinished(`a ${quote}`);
    const text = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #next(): string {
    const sign = this.#text.charAt(this.#at);
    this.#at += 1;
    return sign;
  }

  #add(text: string): void {
    this.#word = (this.#word ?? "") + text;
  }

  #endWord(): void {
    if (this.#word !== undefined) this.#words.push(this.#word);
    this.#word = undefined;
  }
}

function refused(sign: string, meaning: string): Error {
  const shown = sign === "\n" ? "a line break" : sign;
  return invalid(
    "command",
    `without ${shown}, which is ${meaning}: no shell is involved. Quote it to pass it on as it is`,
  );
}

function unfinished(what: string): Error {
  return invalid("command", `complete: ${what} has no end`);
}
