import { ValidationError } from "@net/core";

/** The URL as it is dialled. @throws ValidationError if it is no WebSocket URL. */
export function webSocketURL(url: string | URL): string {
  const parsed = URL.parse(String(url));
  if (parsed && /^wss?:$/.test(parsed.protocol) && parsed.hash === "") return parsed.href;
  throw new ValidationError(
    `"${url}" is no WebSocket URL; one looks like wss://host/path, without a #fragment`,
  );
}
