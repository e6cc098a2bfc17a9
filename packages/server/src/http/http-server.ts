import type { Server } from "node:http";
import { type Clock, type Logger, NetworkError, toNetworkError, ValidationError } from "@net/core";
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifySchemaValidationError,
} from "fastify";
import { MAX_TEXT_BYTES } from "../messages/messages.ts";
import { errorReply } from "./error-reply.ts";
import type { Route, RouteRequest } from "./route.ts";

/** JSON may spell one byte of text in six (`\u0001`); the rest of a message needs less than 8 KiB. */
const MAX_BODY_BYTES: number = 6 * MAX_TEXT_BYTES + 8 * 1024;
/** A client that needs longer to send its request holds a connection for nothing. */
const REQUEST_TIMEOUT = 30_000;
/** How long answers that are under way may take once the server closes. */
const DRAIN_TIMEOUT = 5_000;

export interface HttpServerOptions {
  readonly routes: readonly Route[];
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Serves routes over HTTP. Fastify is behind it, and seen nowhere else. */
export class HttpServer {
  readonly #app: FastifyInstance;
  readonly #clock: Clock;

  constructor({ routes, logger, clock }: HttpServerOptions) {
    this.#clock = clock;
    this.#app = fastify({
      logger: false,
      bodyLimit: MAX_BODY_BYTES,
      requestTimeout: REQUEST_TIMEOUT,
      forceCloseConnections: "idle",
      // Fields are neither converted nor dropped: what does not fit is refused.
      ajv: { customOptions: { coerceTypes: false, removeAdditional: false, verbose: true } },
      schemaErrorFormatter: invalidBody,
      frameworkErrors: (error, _request, reply) => this.#fail(error, reply, logger),
    });
    this.#app.removeContentTypeParser("text/plain");
    this.#app.setErrorHandler((error: FastifyError, _request, reply) =>
      this.#fail(error, reply, logger),
    );
    this.#app.setNotFoundHandler(({ method, url }) => {
      throw new NetworkError("NOT_FOUND", `there is no ${method} ${url}`);
    });
    for (const route of routes) this.#add(route);
  }

  /** Node's server underneath, for upgrades. */
  get server(): Server {
    return this.#app.server;
  }

  /** @returns the port. @throws ConnectionError `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`. */
  async listen(host: string, port: number): Promise<number> {
    try {
      await this.#app.listen({ host, port });
    } catch (error) {
      throw toNetworkError(error, {
        doing: "listen at",
        address: `${host}:${port}`,
        phase: "listen",
      });
    }
    const address = this.#app.server.address();
    return typeof address === "object" && address ? address.port : port;
  }

  /** Takes no more requests, and gives those under way a few seconds. */
  async close(): Promise<void> {
    const cut = (): void => this.#app.server.closeAllConnections();
    using _timer = this.#clock.setTimeout(cut, DRAIN_TIMEOUT);
    await this.#app.close();
  }

  #fail(error: FastifyError, reply: FastifyReply, logger: Logger): void {
    const { status, headers, body } = errorReply(fromFastify(error), logger);
    void reply.code(status).headers(headers).send(body);
  }

  #add({ method, path, body, handle }: Route): void {
    this.#app.route({
      method,
      url: path,
      ...(body && { schema: { body } }),
      handler: async (request, reply) => {
        const answer = await handle({
          params: request.params as RouteRequest["params"],
          body: request.body,
          ip: request.ip,
          authorization: request.headers.authorization,
        });
        const status = answer.status ?? (answer.body ? 200 : 204);
        return reply.code(status).header("cache-control", "no-store").send(answer.body);
      },
    });
  }
}

/** Fastify's own errors in our words; ours come through as they are. */
function fromFastify(error: FastifyError): Error {
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new ValidationError(`a body has at most ${MAX_BODY_BYTES} bytes`, {
        code: "FRAME_TOO_LARGE",
      });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new NetworkError(
        "UNSUPPORTED",
        "the body must be JSON, with Content-Type: application/json",
      );
    default:
      return error.statusCode === 400 && !NetworkError.is(error)
        ? new ValidationError(`the request cannot be read: ${error.message}`)
        : error;
  }
}

function invalidBody(errors: FastifySchemaValidationError[]): ValidationError {
  const issues = errors.map((error) => {
    const path = error.instancePath.split("/").slice(1);
    return { message: whatIsWrong(error), path };
  });
  const sentences = issues.map(({ path, message }) => `${path.join(".") || "the body"} ${message}`);
  return new ValidationError(sentences.join("; "), { issues });
}

function whatIsWrong(error: FastifySchemaValidationError): string {
  const { keyword, params, message = "is not valid" } = error;
  const { description } = (error as { parentSchema?: { description?: string } }).parentSchema ?? {};
  if (keyword === "pattern" && description !== undefined) return `must be ${description}`;
  if (keyword === "additionalProperties") {
    return `must not have the field ${String(params.additionalProperty)}`;
  }
  if (keyword === "enum") return `must be one of ${String(params.allowedValues)}`;
  return message;
}
