import { ValidationError } from "@net/core";
import { servicePort } from "./services.ts";
import { top100 } from "./top-ports.ts";

const MAX_PORT = 65_535;
const range = /^(?<from>\d{1,5})(?:-(?<to>\d{1,5}))?$/;

/**
 * The ports that are meant: numbers, ranges (`80-90`, `-` for all), `top100`, names of IANA's registry (`ssh`). In the
 * order given, each once.
 *
 * @throws ValidationError naming what is none of these.
 */
export function parsePorts(specs: Iterable<string | number>): readonly number[] {
  const ports = new Set<number>();
  for (const spec of specs) {
    for (const port of portsOf(spec)) ports.add(port);
  }
  if (ports.size === 0) throw new ValidationError("there is no port to scan: name at least one");
  return [...ports];
}

function portsOf(spec: string | number): readonly number[] {
  const text = String(spec).trim();
  if (text === "top100") return top100;
  if (text === "-") return between(1, MAX_PORT);
  const { from, to = from } = range.exec(text)?.groups ?? {};
  if (from === undefined) return [servicePort(text) ?? unknown(text)];
  const [first, last] = [Number(from), Number(to)];
  if (first < 1 || last > MAX_PORT || first > last) {
    throw new ValidationError(
      `"${text}" is no range of ports: they go from 1 to ${MAX_PORT}, the lower one first`,
    );
  }
  return between(first, last);
}

function between(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function unknown(text: string): never {
  throw new ValidationError(
    `"${text}" is no port: it may be a number, a range like "80-90", "-" for all, "top100", or a service's name in IANA's registry`,
  );
}
