/**
 * A promise of a message that has come. Each promise looks for a `then` in what it is resolved with, in a Buffer through
 * five prototypes, and that takes as long as the `await`. Where compiled code has just read a property of a message it
 * knows the message's shape, and with it that there is no `then`.
 */
export function promiseOf(message: Uint8Array): Promise<Uint8Array> {
  void message.length;
  return Promise.resolve(message);
}
