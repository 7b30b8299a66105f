/** So many are remembered; above it, whoever was idle for longest begins anew when it is needed again. */
const IDLE_MAX = 1000;

interface Kept<Value> {
  readonly value: Value;
  calls: number;
}

/** What is made once for each key and kept: never forgotten while calls use it, or there would be two. */
export class KeptInUse<Key, Value> {
  readonly #make: () => Value;
  /** The latest used last. */
  readonly #kept = new Map<Key, Kept<Value>>();

  constructor(make: () => Value) {
    this.#make = make;
  }

  /** For one call, until it is over. */
  begin(key: Key): Value {
    const kept = this.#kept.get(key) ?? { value: this.#make(), calls: 0 };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    kept.calls++;
    return kept.value;
  }

  end(key: Key): void {
    const kept = this.#kept.get(key);
    if (kept !== undefined) kept.calls--;
    for (const [other, { calls }] of this.#kept) {
      if (this.#kept.size <= IDLE_MAX) return;
      if (calls === 0) this.#kept.delete(other);
    }
  }
}
