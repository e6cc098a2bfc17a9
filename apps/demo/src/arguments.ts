import { parseArgs } from "node:util";
import { type HostPort, parseHostPort, ValidationError } from "@net/core";

/** What the command line asks for. */
export type Command =
  | { readonly kind: "help" }
  | ({ readonly kind: "tour" } & TourOptions)
  | ({ readonly kind: "node" } & JoinOptions);

export interface TourOptions {
  /** Ends after the tour instead of keeping the network up. */
  readonly once: boolean;
  /** Prints the report as JSON, and nothing else. */
  readonly json: boolean;
  /** Where a second machine may join. */
  readonly listen?: HostPort;
  /** The file whose words are counted. */
  readonly file?: string;
}

export interface JoinOptions {
  readonly name: string;
  readonly join: HostPort;
  readonly token: string;
}

export const USAGE = `net demo: three agent machines on this one

  pnpm demo                       the tour; the network stays up until Ctrl-C
  pnpm demo --once                the tour; exits 0, or 1 naming the step that failed
  pnpm demo --once --json         the tour's report on standard output, nothing else there
  pnpm demo --file <path>         counts the words of that file instead of README.md
  pnpm demo --listen <host:port>  also accepts a second machine, and prints the command for it
  pnpm demo node --name <name> --join <host:port> --token <token>
                                  joins from a second machine
`;

const options = {
  help: { type: "boolean", short: "h" },
  once: { type: "boolean" },
  json: { type: "boolean" },
  listen: { type: "string" },
  file: { type: "string" },
  name: { type: "string" },
  join: { type: "string" },
  token: { type: "string" },
} as const;

/** @throws ValidationError that says which argument is wrong and what would be right. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [verb, ...rest] = positionals;
  if (values.help) return { kind: "help" };
  if (rest.length > 0 || (verb !== undefined && verb !== "node")) {
    throw new ValidationError(`"${rest[0] ?? verb}" is no command of the demo\n\n${USAGE}`);
  }
  return verb === "node" ? joining(values) : touring(values);
}

type Values = ReturnType<typeof parse>["values"];

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new ValidationError(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

function touring(values: Values): Command {
  const { once = false, json = false, listen, file } = values;
  for (const name of ["name", "join", "token"] as const) {
    if (values[name]) throw new ValidationError(`--${name} goes with \`demo node\`\n\n${USAGE}`);
  }
  if (json && !once) throw new ValidationError("--json prints one report and ends: add --once");
  return {
    kind: "tour",
    once,
    json,
    ...(listen !== undefined && { listen: hostPort("--listen", listen) }),
    ...(file !== undefined && { file }),
  };
}

function joining({ name, join, token }: Values): Command {
  if (!name || !join || !token) {
    throw new ValidationError(`\`demo node\` needs --name, --join and --token\n\n${USAGE}`);
  }
  return { kind: "node", name, join: hostPort("--join", join), token };
}

function hostPort(option: string, text: string): HostPort {
  const where = parseHostPort(text);
  if (where) return where;
  throw new ValidationError(
    `${option} needs host:port, for example 192.168.1.20:8080, not "${text}"`,
  );
}
