import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HTTPClient, type Progress } from "@net/http";
import { expect, test } from "vitest";
import { checkDigest } from "../../src/stream/digest.ts";
import { onDisk } from "../../src/stream/file-error.ts";
import { serve } from "../local-server.ts";

const bytes = randomBytes(300_000);
const sha256 = createHash("sha256").update(bytes).digest("hex");

interface Folder extends AsyncDisposable {
  readonly file: string;
  names(): Promise<string[]>;
}

async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "net-http-"));
  return {
    file: join(path, "file.bin"),
    names: async () => (await readdir(path)).sort(),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}

interface FileServer {
  readonly listener: RequestListener;
  /** The ranges it was asked for. */
  readonly ranges: (string | undefined)[];
  /** It breaks off after so many bytes, each time the next. */
  readonly breaks: number[];
}

/** Serves a file with ranges, as RFC 9110 §14 says. */
function fileServer({
  etag = '"v1"',
  content = bytes,
}: {
  etag?: string;
  content?: Buffer;
} = {}): FileServer {
  const ranges: (string | undefined)[] = [];
  const breaks: number[] = [];
  const listener: RequestListener = (request, response) => {
    const { range, "if-range": ifRange } = request.headers;
    ranges.push(range);
    const start = range && ifRange === etag ? Number(/^bytes=(\d+)-$/.exec(range)?.[1]) : 0;
    if (start >= content.length) {
      response.writeHead(416).end();
      return;
    }
    const part = content.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      etag,
      "content-length": part.length,
      "content-type": "image/x",
      ...(start > 0 && {
        "content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
      }),
    });
    const end = breaks.shift();
    if (end === undefined) response.end(part);
    else
      response.write(part.subarray(0, end), () =>
        setTimeout(() => response.socket?.resetAndDestroy(), 20),
      );
  };
  return { listener, ranges, breaks };
}

const quick = { rng: { next: () => 0 } };

test("a file arrives whole, with its digest, and tells how far it is", async () => {
  await using dir = await folder();
  await using server = await serve(fileServer().listener);
  await using http = new HTTPClient(quick);
  const progress: Progress[] = [];

  const download = await http.download(server.url, dir.file, {
    digest: `sha256:${sha256}`,
    onProgress: (at) => progress.push(at),
  });

  expect(download).toEqual({
    path: dir.file,
    bytes: 300_000,
    resumed: false,
    contentType: "image/x",
  });
  expect((await readFile(dir.file)).equals(bytes)).toBe(true);
  expect(progress.at(-1)).toEqual({ bytes: 300_000, totalBytes: 300_000 });
  expect(await dir.names()).toEqual(["file.bin"]);
});

test("a connection that breaks is made again for the rest", async () => {
  await using dir = await folder();
  const { listener, ranges, breaks } = fileServer();
  breaks.push(100_000, 50_000);
  await using server = await serve(listener);
  await using http = new HTTPClient(quick);

  await http.download(server.url, dir.file, { digest: `sha256:${sha256}` });

  expect(ranges).toEqual([undefined, "bytes=100000-", "bytes=150000-"]);
});

test("what an earlier download left is gone on with, where that was asked", async () => {
  await using dir = await folder();
  const { listener, ranges, breaks } = fileServer();
  breaks.push(100_000, 0, 0, 0, 0);
  await using server = await serve(listener);
  await using http = new HTTPClient(quick);

  await expect(http.download(server.url, dir.file, { resume: true })).rejects.toMatchObject({
    code: "CONNECTION_LOST",
  });
  expect(await dir.names()).toEqual(["file.bin.part", "file.bin.part.json"]);
  const download = await http.download(server.url, dir.file, {
    resume: true,
    digest: `sha256:${sha256}`,
  });

  expect(download).toMatchObject({ resumed: true, bytes: 300_000 });
  expect(ranges.at(-1)).toBe("bytes=100000-");
  expect(await dir.names()).toEqual(["file.bin"]);
});

test("without that nothing is left, and what stood there before stays", async () => {
  await using dir = await folder();
  const { listener, breaks } = fileServer();
  breaks.push(100_000, 0, 0, 0, 0);
  await writeFile(dir.file, "old");
  await using server = await serve(listener);
  await using http = new HTTPClient(quick);

  await expect(http.download(server.url, dir.file)).rejects.toMatchObject({
    code: "CONNECTION_LOST",
  });

  expect(await dir.names()).toEqual(["file.bin"]);
  expect(await readFile(dir.file, "utf8")).toBe("old");
});

test("a file that changed meanwhile is fetched anew, not glued together", async () => {
  await using dir = await folder();
  const old = fileServer();
  old.breaks.push(100_000, 0, 0, 0, 0);
  const changed = Buffer.from("quite another file");
  const next = fileServer({ etag: '"v2"', content: changed });
  let current = old.listener;
  await using server = await serve((request, response) => current(request, response));
  await using http = new HTTPClient(quick);
  await http.download(server.url, dir.file, { resume: true }).catch(() => {});

  current = next.listener;
  const download = await http.download(server.url, dir.file, { resume: true });

  expect(download).toMatchObject({ resumed: false, bytes: changed.length });
  expect(await readFile(dir.file, "utf8")).toBe("quite another file");
});

test("a part of another URL, or with a broken note, is not gone on with", async () => {
  await using dir = await folder();
  const { listener, ranges } = fileServer();
  await using server = await serve(listener);
  await using http = new HTTPClient(quick);
  const note = (text: string): Promise<unknown> =>
    Promise.all([writeFile(`${dir.file}.part`, "other"), writeFile(`${dir.file}.part.json`, text)]);

  await note(JSON.stringify({ url: "http://other/", validator: '"v1"' }));
  await http.download(server.url, dir.file, { resume: true });
  await note("{");
  await http.download(server.url, dir.file, { resume: true });

  expect(ranges).toEqual([undefined, undefined]);
  expect((await readFile(dir.file)).equals(bytes)).toBe(true);
});

test("a weak ETag is no ground to go on", async () => {
  await using dir = await folder();
  const { listener, breaks } = fileServer({ etag: 'W/"v1"' });
  breaks.push(100_000);
  await using server = await serve(listener);
  await using http = new HTTPClient(quick);

  await expect(http.download(server.url, dir.file, { resume: true })).rejects.toMatchObject({
    code: "CONNECTION_LOST",
  });
  expect(await dir.names()).toEqual([]);
});

test("a part that is longer than the file is thrown away", async () => {
  await using dir = await folder();
  await using server = await serve(fileServer({ content: Buffer.from("short") }).listener);
  await writeFile(`${dir.file}.part`, "much longer than that");
  await writeFile(`${dir.file}.part.json`, JSON.stringify({ url: server.url, validator: '"v1"' }));
  await using http = new HTTPClient(quick);

  expect(await http.download(server.url, dir.file, { resume: true })).toMatchObject({ bytes: 5 });
});

test("a wrong digest, given or told by the server, leaves nothing", async () => {
  await using dir = await folder();
  const wrong = Buffer.alloc(32).toString("base64");
  await using server = await serve((_, response) => {
    response.writeHead(200, { "repr-digest": `sha-256=:${wrong}:` }).end("x");
  });
  await using http = new HTTPClient(quick);

  await expect(http.download(server.url, dir.file)).rejects.toThrow(
    "is not what it should be: its sha256 is",
  );
  await expect(
    http.download(server.url, dir.file, { digest: `sha256-${wrong}` }),
  ).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
  await expect(http.download(server.url, dir.file, { digest: "md5:00" })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  expect(await dir.names()).toEqual([]);
});

test("an answer outside 2xx, or the wrong piece, is an error and no file", async () => {
  await using dir = await folder();
  await using missing = await serve((_, response) => response.writeHead(404).end());
  await using confused = await serve((_, response) =>
    response.writeHead(206, { "content-range": "bytes 9-9/10" }).end("x"),
  );
  await using http = new HTTPClient(quick);

  await expect(http.download(missing.url, dir.file)).rejects.toMatchObject({
    code: "HTTP_STATUS",
    status: 404,
  });
  await expect(http.download(confused.url, dir.file)).rejects.toMatchObject({
    code: "PROTOCOL_ERROR",
  });
  expect(await dir.names()).toEqual([]);
});

test("the rest of a file that changed is not glued on, though the server does not heed If-Range", async () => {
  await using dir = await folder();
  const changed = Buffer.from("quite another file");
  const ranges: (string | undefined)[] = [];
  await using server = await serve((request, response) => {
    const { range } = request.headers;
    ranges.push(range);
    const headers = {
      etag: '"v2"',
      "content-range": `bytes 5-${changed.length - 1}/${changed.length}`,
    };
    if (range) response.writeHead(206, headers).end(changed.subarray(5));
    else response.writeHead(200, { etag: '"v2"' }).end(changed);
  });
  await writeFile(`${dir.file}.part`, "older");
  await writeFile(`${dir.file}.part.json`, JSON.stringify({ url: server.url, validator: '"v1"' }));
  await using http = new HTTPClient(quick);

  const download = await http.download(server.url, dir.file, { resume: true });

  expect(ranges).toEqual(["bytes=5-", undefined]);
  expect(download).toMatchObject({ resumed: false, bytes: changed.length });
  expect(await readFile(dir.file, "utf8")).toBe("quite another file");
});

test("a server that takes back what it sent, again and again, is given up", async () => {
  await using dir = await folder();
  let answers = 0;
  await using server = await serve((request, response) => {
    answers++;
    if (request.headers.range) response.writeHead(416).end();
    else {
      response.writeHead(200, { etag: '"v1"', "content-length": 9 });
      response.write("some", () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
    }
  });
  await using http = new HTTPClient(quick);

  await expect(http.download(server.url, dir.file)).rejects.toBeInstanceOf(Error);
  expect(answers).toBeLessThan(10);
  expect(await dir.names()).toEqual([]);
});

test("two downloads to one place at once each arrive whole, the last stays", async () => {
  await using dir = await folder();
  const [slow, quickly] = [Buffer.alloc(300_000, 1), Buffer.alloc(200_000, 2)];
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  await using server = await serve((request, response) => {
    if (request.url === "/quick") {
      response.end(quickly);
      return;
    }
    response.write(slow.subarray(0, 100_000), () => begun.resolve());
    void goOn.promise.then(() => response.end(slow.subarray(100_000)));
  });
  await using http = new HTTPClient({ ...quick, baseUrl: server.url });

  const first = http.download("/slow", dir.file);
  await begun.promise;
  await http.download("/quick", dir.file);
  expect((await readFile(dir.file)).equals(quickly)).toBe(true);
  goOn.resolve();
  await first;

  expect((await readFile(dir.file)).equals(slow)).toBe(true);
  expect(await dir.names()).toEqual(["file.bin"]);
});

test("two that would go on with the same part are a CONFLICT, and the first is not disturbed", async () => {
  await using dir = await folder();
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  await using server = await serve((_, response) => {
    asked.resolve();
    void goOn.promise.then(() => response.end("whole"));
  });
  await using http = new HTTPClient(quick);

  const first = http.download(server.url, dir.file, { resume: true });
  await asked.promise;
  await expect(http.download(server.url, dir.file, { resume: true })).rejects.toMatchObject({
    code: "CONFLICT",
  });
  goOn.resolve();

  expect(await first).toMatchObject({ bytes: 5 });
  expect(await http.download(server.url, dir.file, { resume: true })).toMatchObject({ bytes: 5 });
});

test("a file that cannot be written is an error of ours that says why, and leaves nothing", async () => {
  await using dir = await folder();
  await using server = await serve((_, response) => response.end("x"));
  await using http = new HTTPClient(quick);
  const into = async (path: string, resume: boolean): Promise<unknown> =>
    await http.download(server.url, path, { resume }).catch((error: unknown) => error);
  await writeFile(dir.file, "a file");
  const asFolder = join(dir.file, "..", "folder");
  await mkdir(asFolder);

  for (const resume of [false, true]) {
    expect(await into(join(asFolder, "none", "x"), resume)).toMatchObject({ code: "NOT_FOUND" });
    expect(await into(join(dir.file, "x"), resume)).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await into(asFolder, resume)).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("it is a folder"),
    });
  }
  expect(await dir.names()).toEqual(["file.bin", "folder"]);
});

test("a link in the part's place is not followed", async () => {
  await using dir = await folder();
  await using server = await serve((_, response) => response.end("x"));
  await using http = new HTTPClient(quick);
  await writeFile(dir.file, "somebody's");
  await symlink(dir.file, `${dir.file}.new.part`);

  await expect(
    http.download(server.url, `${dir.file}.new`, { resume: true }),
  ).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  expect(await readFile(dir.file, "utf8")).toBe("somebody's");
});

test.each([
  ["ENOSPC", "OUT_OF_RESOURCES", "the disk is full"],
  ["EACCES", "PERMISSION_DENIED", "may not write"],
  ["EWHATEVER", "INTERNAL", "boom"],
])("on the disk %s is %s", async (code, expected, text) => {
  const failing = Promise.reject(Object.assign(new Error("boom"), { code }));

  await expect(onDisk("a.bin", failing)).rejects.toMatchObject({
    code: expected,
    message: expect.stringContaining(text),
  });
});

test("an abort ends also the reading of a file for its digest", async () => {
  await using dir = await folder();
  await writeFile(dir.file, bytes);

  await expect(
    checkDigest(dir.file, [{ algorithm: "sha256", bytes: Buffer.alloc(32) }], AbortSignal.abort()),
  ).rejects.toMatchObject({ code: "ABORTED" });
});

test.each([false, true])(
  "an abort in the middle ends it at once; with resume %s the part stays for later",
  async (resume) => {
    await using dir = await folder();
    const begun = Promise.withResolvers<void>();
    await using server = await serve((_, response) => {
      response.writeHead(200, { etag: '"v1"', "content-length": 9 }).write("some");
    });
    await using http = new HTTPClient(quick);
    const controller = new AbortController();

    const outcome = http
      .download(server.url, dir.file, {
        resume,
        signal: controller.signal,
        onProgress: () => begun.resolve(),
      })
      .catch((error: unknown) => error);
    await begun.promise;
    controller.abort();

    expect(await outcome).toMatchObject({ code: "ABORTED" });
    expect(await dir.names()).toEqual(resume ? ["file.bin.part", "file.bin.part.json"] : []);
    await server.idle();
  },
);

test.each([undefined, "", new URL("file:///tmp/x")])("%o is no path of a file", async (path) => {
  await using http = new HTTPClient();

  await expect(http.download("http://127.0.0.1:1/", path as never)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});
