/** The first Node that runs the sources as they are: they use `await using`. */
const OLDEST_NODE = 24;

/**
 * What keeps the demo from running here, as a sentence that says what to do; undefined if nothing does.
 *
 * @param {string} version of Node, for example "20.11.1"
 * @param {readonly string[]} execArgv Node's own arguments
 * @returns {string | undefined}
 */
export function problemWith(version, execArgv) {
  if (Number(version.split(".")[0]) < OLDEST_NODE) {
    return (
      `The demo runs from its sources and needs Node ${OLDEST_NODE} or newer; this is Node ${version}. ` +
      "Run `npx -y pnpm@12 demo` in the repository: it brings its own Node."
    );
  }
  if (!execArgv.some((argument) => argument.includes("@net/source"))) {
    return "Run the demo as `npx -y pnpm@12 demo`, or node with --conditions=@net/source.";
  }
  return undefined;
}
