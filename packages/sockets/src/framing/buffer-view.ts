type BufferViewConstructor = new (
  storage: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => Buffer;

/**
 * Node's class of Buffers that are views, which is what `Buffer` names as its species. `subarray` makes the same, but asks
 * the chunk for its storage each time, which is a call out of compiled code: a third of a small message's decoding.
 */
export const BufferView: BufferViewConstructor = (
  Buffer as unknown as { readonly [Symbol.species]: BufferViewConstructor }
)[Symbol.species];
