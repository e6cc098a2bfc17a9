import { ValidationError } from "@net/core";
import { isName, NAME_RULE } from "../../names.ts";

// A topic is a name; its dots make it a place in a hierarchy. A pattern is a topic, or one whose last part is `*`: `a.*` is
// everything below `a`, at any depth, but not `a` itself, and `*` is everything.

const EVERYTHING = "*";

/** @throws ValidationError unless something can be published there. */
export function assertTopic(topic: string): string {
  if (isName(topic) && !topic.includes(EVERYTHING)) return topic;
  throw invalid("a topic", `${NAME_RULE}, and without *`);
}

/** @throws ValidationError unless one can subscribe to that. */
export function assertPattern(pattern: string): string {
  const isSuffix = /^(?:[^*]+\.)?\*$/u;
  if (isName(pattern) && (!pattern.includes(EVERYTHING) || isSuffix.test(pattern))) return pattern;
  throw invalid("a subscription", "a topic, or one whose last part is *, as in a.*");
}

/** Everything that matches a topic, the topic itself first. */
export function patternsFor(topic: string): readonly string[] {
  const patterns = [topic];
  for (let dot = topic.lastIndexOf("."); dot > 0; dot = topic.lastIndexOf(".", dot - 1)) {
    patterns.push(`${topic.slice(0, dot)}.*`);
  }
  return [...patterns, EVERYTHING];
}

function invalid(what: string, rule: string): ValidationError {
  return new ValidationError(`${what} must be ${rule}`, {
    issues: [{ message: `must be ${rule}`, path: ["topic"] }],
  });
}
