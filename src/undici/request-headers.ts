/** A request's headers, in whichever of undici's forms they come, with a few of one's own added. */
import type { Dispatcher } from "undici";

type Given = Dispatcher.DispatchOptions["headers"];

export class RequestHeaders {
  /** A plain object stays one, because other interceptors spread it; all else becomes name, value, name, value. */
  readonly #given: Readonly<Record<string, unknown>> | readonly unknown[];
  readonly #names: ReadonlySet<string>;
  readonly #own = new Map<string, string>();

  constructor(given: Given) {
    this.#given = isIterable(given) ? flat([...given]) : (given ?? {});
    const names = Array.isArray(this.#given)
      ? this.#given.filter((_, index) => index % 2 === 0)
      : Object.keys(this.#given);
    this.#names = new Set(names.map((name) => `${name}`.toLowerCase()));
  }

  has(name: string): boolean {
    return this.#names.has(name) || this.#own.has(name);
  }

  /** In lower case, and none that is there. */
  set(name: string, value: string): void {
    this.#own.set(name, value);
  }

  /** For one attempt, with its own. */
  with(more: ReadonlyMap<string, string>): Given {
    const own = [...this.#own, ...more];
    const given = Array.isArray(this.#given)
      ? [...this.#given, ...own.flat()]
      : { ...this.#given, ...Object.fromEntries(own) };
    return given as Given;
  }
}

function isIterable(given: Given): given is Exclude<Given, null | undefined> & Iterable<unknown> {
  return typeof given === "object" && given !== null && Symbol.iterator in given;
}

/** Pairs, or names and values already. */
function flat(list: readonly unknown[]): readonly unknown[] {
  return Array.isArray(list[0]) ? list.flat() : list;
}
