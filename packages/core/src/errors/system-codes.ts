import type { ErrorCode } from "./codes.ts";
import type { ConnectionPhase, TimeoutKind } from "./kinds.ts";

// What the error codes of Node, OpenSSL, undici and ws mean in our words.

/** A failed connection: which code, in which words, and where on the way, where the code alone tells. */
export interface ConnectionMeaning {
  readonly code: ErrorCode;
  readonly text: string;
  readonly phase?: ConnectionPhase;
}

/** An open connection that died, unless it is known to have been on its way. */
export const lost: ConnectionMeaning = {
  code: "CONNECTION_LOST",
  text: "the connection was lost",
};
const unresolved: ConnectionMeaning = {
  code: "NAME_NOT_FOUND",
  text: "the host name does not resolve",
  phase: "resolve",
};
const noNameServer: ConnectionMeaning = {
  code: "UNREACHABLE",
  text: "the name server does not answer",
  phase: "resolve",
};
const exhausted: ConnectionMeaning = {
  code: "OUT_OF_RESOURCES",
  text: "this machine ran out of file handles, ports, memory or disk",
};
const proxied: ConnectionMeaning = {
  code: "CONNECTION_FAILED",
  text: "the proxy made no connection",
};

export const connectionMeanings: ReadonlyMap<string, ConnectionMeaning> = new Map<
  string,
  ConnectionMeaning
>([
  ["ECONNREFUSED", { code: "CONNECTION_REFUSED", text: "nobody listens there" }],
  ["ECONNRESET", lost],
  ["ECONNABORTED", lost],
  ["ENOTCONN", lost],
  ["EPIPE", lost],
  ["ERR_STREAM_PREMATURE_CLOSE", lost],
  ["UND_ERR_SOCKET", lost],
  ["EHOSTUNREACH", { code: "UNREACHABLE", text: "there is no way to that host" }],
  ["ENETUNREACH", { code: "UNREACHABLE", text: "there is no way to that network" }],
  ["EHOSTDOWN", { code: "UNREACHABLE", text: "that host is down" }],
  ["ENETDOWN", { code: "UNREACHABLE", text: "the network is down" }],
  ["ENOTFOUND", unresolved],
  ["ENODATA", unresolved],
  ["EAI_NONAME", unresolved],
  ["EAI_NODATA", unresolved],
  ["EAI_AGAIN", noNameServer],
  ["EAI_FAIL", noNameServer],
  ["ESERVFAIL", noNameServer],
  ["ETIMEOUT", noNameServer],
  ["EADDRINUSE", { code: "ADDRESS_IN_USE", text: "somebody else listens there", phase: "listen" }],
  ["EADDRNOTAVAIL", { code: "ADDRESS_UNAVAILABLE", text: "this machine has no such address" }],
  ["UND_ERR_PRX_TLS", proxied],
  ["UND_ERR_PRX_CONN", proxied],
  ["EMFILE", exhausted],
  ["ENFILE", exhausted],
  ["ENOBUFS", exhausted],
  ["ENOMEM", exhausted],
  ["ENOSPC", exhausted],
]);

const forbidden: ConnectionMeaning = {
  code: "ADDRESS_UNAVAILABLE",
  text: "this user may not use that address",
};

/** Codes that files have too: they are about a connection only where a network call failed with them. */
export const networkCallMeanings: ReadonlyMap<string, ConnectionMeaning> = new Map<
  string,
  ConnectionMeaning
>([
  ["ENOENT", { code: "CONNECTION_REFUSED", text: "nobody listens there" }],
  ["EACCES", forbidden],
  ["EPERM", forbidden],
]);

/** The network calls of Node's system errors, with the phase each belongs to. */
export const networkCalls: ReadonlyMap<string, ConnectionPhase> = new Map<string, ConnectionPhase>([
  ["getaddrinfo", "resolve"],
  ["connect", "connect"],
  ["bind", "listen"],
  ["listen", "listen"],
  ["accept", "listen"],
]);

export const timeoutKinds: ReadonlyMap<string, TimeoutKind> = new Map<string, TimeoutKind>([
  ["ETIMEDOUT", "connect"],
  ["ERR_SOCKET_CONNECTION_TIMEOUT", "connect"],
  ["UND_ERR_CONNECT_TIMEOUT", "connect"],
  ["ERR_TLS_HANDSHAKE_TIMEOUT", "handshake"],
  ["UND_ERR_HEADERS_TIMEOUT", "headers"],
  ["UND_ERR_BODY_TIMEOUT", "idle"],
]);

/** OpenSSL's verification results, and Node's own TLS errors. */
export const tlsCode: RegExp =
  /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)$|PATH_LENGTH_|ERROR_IN_C)/;

/** Node's and undici's parsers, and ws's receiver, on bytes that are not what they should be. */
export const protocolCode: RegExp = /^(HPE_|WS_ERR_|UND_ERR_RES_|UND_ERR_HEADERS_OVERFLOW$)/;

/** Bytes that would be right if there were fewer of them. */
export const tooLargeCode: RegExp =
  /^(WS_ERR_UNSUPPORTED_MESSAGE_LENGTH|UND_ERR_WS_MESSAGE_SIZE_EXCEEDED|UND_ERR_RES_EXCEEDED_MAX_SIZE)$/;

/** What was used is closed on this side. */
export const closedCode: RegExp =
  /^(ERR_STREAM_DESTROYED|ERR_STREAM_WRITE_AFTER_END|ERR_SOCKET_CLOSED\w*|ERR_SERVER_NOT_RUNNING|ERR_SOCKET_DGRAM_NOT_RUNNING|UND_ERR_DESTROYED|UND_ERR_CLOSED)$/;

/** What was asked for cannot be sent: a URL, header, port, method, key. */
export const invalidCode: RegExp =
  /^(ERR_INVALID_URL|ERR_SOCKET_BAD_PORT|ERR_INVALID_IP_ADDRESS|ERR_INVALID_CHAR|ERR_INVALID_HTTP_TOKEN|ERR_UNESCAPED_CHARACTERS|ERR_OSSL_\w+|UND_ERR_INVALID_ARG|UND_ERR_REQ_CONTENT_LENGTH_MISMATCH)$/;
