import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { Body } from "./body.ts";

/** `multipart/form-data` (RFC 7578), its files streamed; its length is known before. */
export function encodeMultipart(form: FormData): Body {
  const boundary = `net-${randomBytes(18).toString("base64url")}`;
  const parts = [...form].map(([name, value]) => part(boundary, name, value));
  const end = Buffer.from(`--${boundary}--\r\n`);
  return {
    content: () => Readable.from(bytesOf(parts, end), { objectMode: false }),
    type: `multipart/form-data; boundary=${boundary}`,
    length: parts.reduce((sum, { head, size }) => sum + head.length + size + 2, end.length),
    isReplayable: true,
  };
}

interface Part {
  readonly head: Buffer;
  readonly value: Buffer | Blob;
  readonly size: number;
}

function part(boundary: string, name: string, value: string | File): Part {
  const disposition = `--${boundary}\r\ncontent-disposition: form-data; name="${escaped(name)}"`;
  if (typeof value === "string") {
    // Line breaks of a text are CR LF on the wire, as browsers send them (HTML, "multipart/form-data encoding").
    const bytes = Buffer.from(value.replace(/\r\n|\r|\n/g, "\r\n"));
    return { head: Buffer.from(`${disposition}\r\n\r\n`), value: bytes, size: bytes.length };
  }
  const type = value.type === "" ? "application/octet-stream" : value.type;
  const head = `${disposition}; filename="${escaped(value.name)}"\r\ncontent-type: ${type}\r\n\r\n`;
  return { head: Buffer.from(head), value, size: value.size };
}

async function* bytesOf(parts: readonly Part[], end: Buffer): AsyncGenerator<Uint8Array> {
  for (const { head, value } of parts) {
    yield head;
    if (value instanceof Blob) yield* value.stream();
    else yield value;
    yield Buffer.from("\r\n");
  }
  yield end;
}

/** A quote or a line break in a name would end it (HTML, "escape a multipart form data name"). */
function escaped(name: string): string {
  return name.replace(/\r\n|\r|\n/g, "%0D%0A").replaceAll('"', "%22");
}
