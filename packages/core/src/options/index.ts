/**
 * `@net/core/options`: what options must be, for those who cannot ask the compiler. What is wrong is refused where it is
 * given, not once there is a connection, or in a timer; and an option that is spelled wrongly is not as good as not given.
 *
 * @module
 */

export { assertKnown, assertOptions, assertRequired, assertValue } from "./assert-options.ts";
export { invalid } from "./invalid.ts";
export {
  aborting,
  callable,
  clock,
  either,
  flag,
  having,
  listOf,
  logger,
  type Rule,
  type Rules,
  readElsewhere,
  rng,
  someRecord,
  text,
} from "./rules.ts";
