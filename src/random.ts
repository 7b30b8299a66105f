/**
 * Keyed random draws; the only home of Math.random.
 *
 * A draw is a hash of (seed, stream, client, call, attempt, n), not the next of a sequence: changing
 * the policy changes no arrival (common random numbers), the order of events does not matter, and
 * the simulator and the MSW lane see the same numbers.
 *
 * The hash is pcg3d of Jarzynski and Olano, "Hash Functions for GPU Rendering", Journal of Computer
 * Graphics Techniques 9(3), 2020, https://jcgt.org/published/0009/03/02/
 */
import type { Random } from "./policy.ts";

/** Independent sources of chance within one seed. */
export const STREAMS = {
  arrivals: 1,
  service: 2,
  network: 3,
  faults: 4,
  policy: 5,
  clients: 6,
  admission: 7,
  layers: 8,
  flags: 9,
  traffics: 10,
  recipients: 11,
} as const;
export type Stream = keyof typeof STREAMS;

/** A stream of one seed: give it a key, then draw. The same key always draws the same numbers. */
export class KeyedRandom {
  #keyX = 0;
  #keyY = 0;
  #keyZ = 0;
  #client = 0;
  #call = 0;
  #z = 0;
  #n = 0;
  /** Uniform in [0, 1), 53 bits; each call of it is the key's next draw. */
  readonly next: Random = () => this.#draw();

  constructor(seed: number, stream: Stream) {
    this.key(seed | 0, Math.floor(seed / 2 ** 32) | 0, STREAMS[stream]);
    this.#keyX = (this.#draw() * 2 ** 32) | 0;
    this.#keyY = (this.#draw() * 2 ** 32) | 0;
    this.#keyZ = (this.#draw() * 2 ** 32) | 0;
  }

  /** Names what the next draws are for; `purpose` tells apart several needs of one attempt. */
  key(client: number, call: number, attempt: number, purpose = 0): this {
    this.#client = client ^ this.#keyX;
    this.#call = call ^ this.#keyY;
    this.#z = (Math.imul(attempt, 0x9e3779b1) + Math.imul(purpose, 0x85ebca77)) | 0;
    this.#n = 0;
    return this;
  }

  #draw(): number {
    const z = (this.#z + Math.imul(this.#n++, 0xc2b2ae3d)) ^ this.#keyZ;
    let x = (Math.imul(this.#client, 1664525) + 1013904223) | 0;
    let y = (Math.imul(this.#call, 1664525) + 1013904223) | 0;
    let w = (Math.imul(z, 1664525) + 1013904223) | 0;
    x = (x + Math.imul(y, w)) | 0;
    y = (y + Math.imul(w, x)) | 0;
    w = (w + Math.imul(x, y)) | 0;
    x ^= x >>> 16;
    y ^= y >>> 16;
    w ^= w >>> 16;
    x = (x + Math.imul(y, w)) | 0;
    y = (y + Math.imul(w, x)) | 0;
    return ((x >>> 5) * 2 ** 26 + (y >>> 6)) / 2 ** 53;
  }
}

/** The chance an app uses when it hands in none. */
export const systemRandom: Random = () => Math.random();

/** Puts another chance in the place of Math.random, for code that is not ours; returns how to put it back. */
export function replaceSystemRandom(random: Random): () => void {
  const { random: real } = Math;
  Math.random = random;
  return () => {
    Math.random = real;
  };
}

/** Runs `act` while reading the global chance throws: for finding out who does. */
export function withoutSystemRandom<T>(act: () => T): T {
  const putBack = replaceSystemRandom(() => {
    throw new Error("Math.random was read: chance comes with the event");
  });
  try {
    return act();
  } finally {
    putBack();
  }
}
