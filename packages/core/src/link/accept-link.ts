import { reportUncaught } from "../errors/report.ts";
import type { Link } from "./transport.ts";

/** Gives a new link to whoever accepts it; if he throws, the link aborts and the error is reported. */
export function acceptLink(accept: (link: Link) => void, link: Link): void {
  try {
    accept(link);
  } catch (error) {
    link.abort({ code: "internal", message: "the acceptor of a link threw" });
    reportUncaught(error);
  }
}
