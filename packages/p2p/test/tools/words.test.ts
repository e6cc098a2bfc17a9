import { expect, test } from "vitest";
import { splitWords } from "../../src/tools/shell/words.ts";

test.each([
  ["ls -la /home", ["ls", "-la", "/home"]],
  ["  a\t b  ", ["a", "b"]],
  ["", []],
  ["echo 'a b' \"c d\"", ["echo", "a b", "c d"]],
  ["a'b'\"c\"d", ["abcd"]],
  ["'' \"\"", ["", ""]],
  ["a\\ b \\' \\\\", ["a b", "'", "\\"]],
  ["'a\\b$(x)'", ["a\\b$(x)"]],
  ['"a\\"b\\\\c\\d\\$e"', ['a"b\\c\\d$e']],
  ["one\\\ntwo", ["onetwo"]],
  ['"one\\\ntwo\nthree"', ["onetwo\nthree"]],
  ["a~b a#b --x=~ {} !", ["a~b", "a#b", "--x=~", "{}", "!"]],
  [
    "find . -name '*.ts' -exec cat '{}' \\;",
    ["find", ".", "-name", "*.ts", "-exec", "cat", "{}", ";"],
  ],
  ["échø 🙂", ["échø", "🙂"]],
])("%j is split as a shell would", (command, words) => {
  expect(splitWords(command)).toEqual(words);
});

test.each([
  ["a | b", "|"],
  ["a && b", "&"],
  ["a; b", ";"],
  ["a > b", ">"],
  ["a < b", "<"],
  ["(a)", "("],
  ["a\nb", "line break"],
  ["echo $HOME", "$"],
  ['echo "$HOME"', "$"],
  ["echo `id`", "`"],
  ['echo "`id`"', "`"],
  ["ls *.ts", "*"],
  ["ls a?c", "?"],
  ["ls [ab]", "["],
  ["ls ~", "~"],
  ["ls # all", "#"],
  ["'open", "no end"],
  ['"open', "no end"],
  ["open\\", "no end"],
])("%j, which takes a shell, is refused", (command, found) => {
  expect(() => splitWords(command)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(found) }),
  );
});
