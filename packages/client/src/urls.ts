import { ValidationError } from "@net/core";

/** The base URL with a slash at its end. @throws ValidationError */
export function httpBase(baseUrl: string | URL): string {
  return parse(baseUrl, "baseUrl", ["http:", "https:"]).replace(/\/?$/, "/");
}

/** The WebSocket's URL; without one, `ws` below the base URL. @throws ValidationError */
export function webSocketUrl(wsUrl: string | URL | undefined, baseUrl: string): string {
  return parse(wsUrl ?? `${baseUrl.replace(/^http/, "ws")}ws`, "wsUrl", ["ws:", "wss:"]);
}

function parse(url: string | URL, name: string, protocols: readonly string[]): string {
  const text = String(url);
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (!parsed || !protocols.includes(parsed.protocol)) {
    const kinds = protocols.map((protocol) => `${protocol}//`).join(" or ");
    throw new ValidationError(`${name} must be a URL that begins with ${kinds}, not ${text}`);
  }
  if (parsed.href !== parsed.origin + parsed.pathname) {
    throw new ValidationError(`${name} must have no user, query or fragment: ${text}`);
  }
  return parsed.href;
}
