/** The default jar is the smallest that keeps law 6, however many calls a client makes (docs/decisions). */
import { expect, test } from "vitest";
import { vetted } from "../../policies/index.ts";
import { defineScenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { laws } from "../../src/vet/index.ts";

const [useful] = laws.filter(({ number }) => number === 6);

/** 30,000 calls of which 1 in 20 fails. */
function judged(options: Parameters<typeof vetted>[0], callsPerClient: number) {
  const scenario = defineScenario({
    name: "rare-failures",
    shows: "",
    runMs: 60_000,
    clients: { count: 30_000 / callsPerClient },
    load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 500 }] },
    faults: [{ kind: "partial", fromMs: 0, untilMs: 1e7, share: 0.05, status: 500 }],
  });
  return useful.judge(vetted(options), { scenario, seed: 1 }, simulate);
}

test.each([1, 3, 6, 15, 30, 100, 300, 1_000])(
  "with %d calls a client it is useful",
  async (calls) => {
    expect(await judged({}, calls)).toEqual({ kept: true });
  },
);

test("with one token less to begin with, a client with six calls loses too many", async () => {
  expect(await judged({ tokensInitial: 1 }, 6)).toMatchObject({ kept: false });
});

test("with one token less at most, a client with a thousand calls does", async () => {
  expect(await judged({ tokensMax: 2 }, 1_000)).toMatchObject({ kept: false });
});
