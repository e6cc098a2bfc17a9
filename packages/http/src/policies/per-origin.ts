/** A crawler meets more origins than anybody could keep in mind; what was made first is forgotten first. */
const MAX_ORIGINS = 1_024;

/** One of something for each origin. */
export class PerOrigin<T> {
  readonly #make: (origin: string) => T;
  readonly #known = new Map<string, T>();

  constructor(make: (origin: string) => T) {
    this.#make = make;
  }

  of(origin: string): T {
    return this.#known.get(origin) ?? this.#add(origin);
  }

  #add(origin: string): T {
    const [first] = this.#known.keys();
    if (this.#known.size >= MAX_ORIGINS && first !== undefined) this.#known.delete(first);
    const made = this.#make(origin);
    this.#known.set(origin, made);
    return made;
  }
}
