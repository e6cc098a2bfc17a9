import type { Route } from "../route.ts";

/** For whoever watches the process: it answers. */
export function healthRoutes(): readonly Route[] {
  return [{ method: "GET", path: "/health", handle: async () => ({ body: { status: "ok" } }) }];
}
