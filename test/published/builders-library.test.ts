/** Retries at every layer of a stack multiply. */
import { immediate } from "../../policies/index.ts";
import { amplification } from "../../src/measure/formulas.ts";
import { publish } from "./publish.ts";
import { equals } from "./result.ts";
import { atTheLastOf, bySeed, failing, metered, perSecond, setting } from "./runs.ts";

/** Attempts ÷ calls at one layer, all of whose attempts fail. */
function oneLayer(attemptsMax: number, seed: number): number {
  const scenario = setting({
    runMs: 10_000,
    clients: { count: 10, timeoutMs: 1_000 },
    load: perSecond(1_000),
    faults: failing(1),
  });
  const { total } = metered(scenario, immediate({ attemptsMax }), seed);
  return amplification(total) ?? Number.NaN;
}

publish({
  page: "builders-library",
  title:
    "Marc Brooker, “Timeouts, retries, and backoff with jitter”, Amazon Builders' Library (2019)",
  address:
    "https://builder.aws.com/content/3EumjoZascWd1oZiEgL8ORlv3qE/timeouts-retries-and-backoff-with-jitter",
  notes: [
    "The text counts “first three tries, then nine tries”: three attempts a layer. Three retries a layer would be four attempts, 4⁵ = 1,024.",
    "Five layers that retry are the clients and four services: five servers in a row, of which the last, the database, rejects everything. Who has tried three times answers 502 to the layer above.",
  ],
  results: [
    equals({
      quantity: "database down, 3 attempts at one layer: amplification",
      theirs: 3,
      has: "printed",
      decimals: 3,
      sharpTo: 0.01,
      ours: () => bySeed(2, (seed) => oneLayer(3, seed)),
    }),
    equals({
      quantity: "the same at each of 5 layers: amplification",
      theirs: 243,
      has: "printed",
      decimals: 3,
      sharpTo: 0.01,
      ours: () => bySeed(2, (seed) => atTheLastOf(5, immediate({ attemptsMax: 3 }), seed)),
    }),
  ],
});
