// What of a transport only Node has: listening, and its diagnostics channels.

export { observeDial } from "@net/core/diagnostics";
export { attach } from "../attach.ts";
export { listen } from "../listen.ts";
