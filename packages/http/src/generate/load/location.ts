import { relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ValidationError } from "@net/core";

/** The URL of what a caller named: an http(s) URL, or a file's path. @throws ValidationError if it is neither. */
export function locate(source: string | URL): URL {
  const text = String(source);
  const url = /^[a-z][a-z0-9+.-]+:\/\//i.test(text)
    ? URL.parse(text)
    : pathToFileURL(resolve(text));
  if (url && /^(https?|file):$/.test(url.protocol)) return url;
  throw new ValidationError(
    `${JSON.stringify(text)} is neither a file's path nor an http or https URL`,
  );
}

/** True for what only the network can tell. */
export function isRemote(url: URL): boolean {
  return url.protocol !== "file:";
}

/** How messages and generated files call a document: without credentials, and without this machine's folders. */
export function nameOf(url: URL, first: URL): string {
  if (isRemote(url)) return url.origin + url.pathname;
  if (isRemote(first)) return url.href;
  const folder = fileURLToPath(new URL(".", first));
  return relative(folder, fileURLToPath(url)).replaceAll("\\", "/");
}
