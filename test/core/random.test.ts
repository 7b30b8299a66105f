import { describe, expect, test } from "vitest";
import { KeyedRandom, STREAMS, type Stream, systemRandom } from "../../src/random.ts";

const SEEDS = [0, 1, 2, 7, 42, 1_000, 2 ** 31, 2 ** 40 + 1];

function drawsOf(random: KeyedRandom, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

const first = (
  seed: number,
  stream: Stream,
  client: number,
  call: number,
  attempt: number,
  purpose = 0,
) => new KeyedRandom(seed, stream).key(client, call, attempt, purpose).next();

describe("a keyed draw", () => {
  test("is the same for the same key, whatever was drawn in between", () => {
    const random = new KeyedRandom(7, "policy");
    const draws = drawsOf(random.key(3, 2, 1, 4), 8);
    drawsOf(random.key(9, 9, 9), 5);
    expect(drawsOf(random.key(3, 2, 1, 4), 8)).toEqual(draws);
    expect(drawsOf(new KeyedRandom(7, "policy").key(3, 2, 1, 4), 8)).toEqual(draws);
  });

  test("differs when anything in the key differs", () => {
    const draws = [
      first(1, "policy", 1, 1, 1),
      first(2, "policy", 1, 1, 1),
      first(1 + 2 ** 32, "policy", 1, 1, 1),
      first(-1, "policy", 1, 1, 1),
      first(1, "policy", 2, 1, 1),
      first(1, "policy", 1, 2, 1),
      first(1, "policy", 1, 1, 2),
      first(1, "policy", 1, 1, 1, 1),
      first(1, "policy", 2, 1, 2, 1),
      new KeyedRandom(1, "policy").key(1, 1, 1).next(),
    ];
    expect(draws.at(-1)).toBe(draws[0]);
    expect(new Set(draws).size).toBe(draws.length - 1);
  });

  test("differs between streams of one seed", () => {
    const streams = Object.keys(STREAMS) as Stream[];
    expect(new Set(Object.values(STREAMS)).size).toBe(streams.length);
    expect(new Set(streams.map((stream) => first(1, stream, 0, 0, 0))).size).toBe(streams.length);
  });

  test("is never shared by two attempts, purposes or draws of one call", () => {
    const random = new KeyedRandom(1, "service");
    const draws = new Float64Array(2_000 * 64 * 8);
    let count = 0;
    for (let attempt = 0; attempt < 2_000; attempt++) {
      for (let purpose = 0; purpose < 64; purpose++) {
        random.key(5, 3, attempt, purpose);
        for (let n = 0; n < 8; n++) draws[count++] = random.next();
      }
    }
    // Of a million random 32-bit keys, 122 would collide; of as many 53-bit draws, none.
    draws.sort();
    let equal = 0;
    for (let i = 1; i < count; i++) if (draws[i] === draws[i - 1]) equal++;
    expect(equal).toBe(0);
  });

  test("is a multiple of 2⁻⁵³ in [0, 1) that uses all 53 bits", () => {
    const random = new KeyedRandom(3, "network").key(0, 0, 0);
    let ones = 0n;
    let zeros = 0n;
    const draws = drawsOf(random, 2_000);
    expect(draws.every((d) => d >= 0 && d < 1 && Number.isInteger(d * 2 ** 53))).toBe(true);
    for (const draw of draws) {
      ones |= BigInt(draw * 2 ** 53);
      zeros |= ~BigInt(draw * 2 ** 53) & (2n ** 53n - 1n);
    }
    expect(ones).toBe(2n ** 53n - 1n);
    expect(zeros).toBe(2n ** 53n - 1n);
  });
});

test("the hash is pcg3d as it was published", () => {
  /** Jarzynski and Olano's listing, in whole numbers. */
  function pcg3d(of: readonly number[]): bigint[] {
    const word = (value: bigint) => BigInt.asUintN(32, value);
    let [x, y, z] = of.map((value) => word(BigInt(value) * 1664525n + 1013904223n));
    x = word(x + y * z);
    y = word(y + z * x);
    z = word(z + x * y);
    [x, y, z] = [x, y, z].map((value) => value ^ (value >> 16n));
    x = word(x + y * z);
    y = word(y + z * x);
    return [x, y];
  }
  const drawOf = (key: readonly number[]) => {
    const [x, y] = pcg3d(key);
    return Number(((x >> 5n) << 26n) | (y >> 6n)) / 2 ** 53;
  };
  const numberOf = (attempt: number, purpose: number, n: number) =>
    Math.imul(attempt, 0x9e3779b1) + Math.imul(purpose, 0x85ebca77) + Math.imul(n, 0xc2b2ae3d);
  for (const seed of SEEDS) {
    const seedKey = [seed | 0, Math.floor(seed / 2 ** 32)];
    const streamNumber = numberOf(STREAMS.faults, 0, 0);
    // Each of the seed's three numbers is the draw of its place, masked by those before it.
    const maskX = drawOf([...seedKey, streamNumber]) * 2 ** 32;
    const maskY = drawOf([...seedKey, numberOf(STREAMS.faults, 0, 1)]) * 2 ** 32;
    const maskZ = drawOf([...seedKey, numberOf(STREAMS.faults, 0, 2)]) * 2 ** 32;
    const random = new KeyedRandom(seed, "faults");
    for (const [client, call, attempt, purpose] of [
      [0, 0, 0, 0],
      [123, 4, 5, 6],
      [40_000_000, 70_000, 1_999, 63],
    ]) {
      random.key(client, call, attempt, purpose);
      for (let n = 0; n < 4; n++) {
        const key = [client ^ maskX, call ^ maskY, numberOf(attempt, purpose, n) ^ maskZ];
        expect(random.next()).toBe(drawOf(key));
      }
    }
  }
});

/** 4,096 neighbours along one part of the key. */
const AXES: Record<string, (random: KeyedRandom, i: number) => number> = {
  clients: (random, i) => random.key(i, 1, 1).next(),
  "calls of a client": (random, i) => random.key(77, i, 1).next(),
  "attempts of a call": (random, i) => random.key(77, 1, i).next(),
  "purposes of an attempt": (random, i) => random.key(77, 1, 1, i).next(),
  "draws of a key": (random, i) => (i === 0 ? random.key(77, 1, 1) : random).next(),
};
const COUNT = 4_096;

describe.each(Object.keys(AXES))("consecutive %s", (axis) => {
  const series = SEEDS.map((seed) => {
    const random = new KeyedRandom(seed, "policy");
    return Array.from({ length: COUNT }, (_, i) => AXES[axis](random, i));
  });

  test("are uniform, in their high bits and in their low", () => {
    for (const draws of series) {
      for (const scale of [1, 2 ** 20]) {
        const cells = draws.map((draw) => Math.floor(((draw * scale) % 1) * 64));
        expect(chiSquareSigmas(cells, 64)).toBeLessThan(4);
      }
    }
  });

  test("are uniform in pairs", () => {
    for (const draws of series) {
      const cells = draws.slice(1).map((draw, i) => {
        return Math.floor(draws[i] * 16) * 16 + Math.floor(draw * 16);
      });
      expect(chiSquareSigmas(cells, 256)).toBeLessThan(4);
    }
  });

  test("do not correlate at lags 1 to 8", () => {
    for (const draws of series) {
      for (let lag = 1; lag <= 8; lag++) {
        let sum = 0;
        for (let i = lag; i < COUNT; i++) sum += (draws[i] - 0.5) * (draws[i - lag] - 0.5) * 12;
        expect(Math.abs(sum / Math.sqrt(COUNT - lag))).toBeLessThan(4.5);
      }
    }
  });
});

test("the seeds themselves do not correlate", () => {
  const draws = Array.from({ length: COUNT }, (_, seed) => first(seed, "arrivals", 0, 0, 0));
  expect(
    chiSquareSigmas(
      draws.map((d) => Math.floor(d * 64)),
      64,
    ),
  ).toBeLessThan(4);
});

test("an app without a chance of its own draws in [0, 1)", () => {
  const draws = Array.from({ length: 100 }, systemRandom);
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
  expect(new Set(draws).size).toBe(100);
});

/** How far the cells are from evenly filled: chi-square less its mean, over its standard deviation. */
function chiSquareSigmas(cells: readonly number[], count: number): number {
  const filled = new Float64Array(count);
  for (const cell of cells) filled[cell]++;
  const expected = cells.length / count;
  const chiSquare = filled.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  return Math.abs(chiSquare - (count - 1)) / Math.sqrt(2 * (count - 1));
}
