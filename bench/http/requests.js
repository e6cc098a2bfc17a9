import { compare } from "../lib/compare.js";
import { CONNECTIONS, clients, many } from "./clients.js";

/** @param {string} url */
export async function requests(url) {
  await using all = clients();
  await compare(`GET of JSON, ${CONNECTIONS} connections`, {
    operations: 10_000,
    variants: Object.entries(all.ways).map(([name, get]) => ({
      name,
      run: (operations) => many(() => get(url), operations),
    })),
  });
}
