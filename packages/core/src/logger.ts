/** Writes one line: fields first, then words, as pino does. */
export interface LogMethod {
  (fields: object, message?: string): void;
  (message: string): void;
}

/** What any of our packages asks of a logger; pino, Fastify's and most others fit as they are. */
export interface Logger {
  trace: LogMethod;
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  fatal: LogMethod;
  /** A logger that adds these fields to every line. */
  child(bindings: object): Logger;
}

const ignore: LogMethod = () => {};

/** Says nothing: the default everywhere. */
export const silentLogger: Logger = {
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  fatal: ignore,
  child: () => silentLogger,
};
