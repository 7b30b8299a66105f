/**
 * Retries of independent failures: each attempt fails with chance p, whatever happened before, and a
 * call may retry n times. Derived: attempt k + 1 is made with chance pᵏ, so attempts are a geometric sum.
 */
import { immediate } from "../../policies/immediate.ts";
import { amplification, answeredShare } from "../../src/measure/formulas.ts";
import { experiment, type Model } from "./experiment.ts";
import { observe } from "./observer.ts";
import { queueWorld } from "./queue-world.ts";

/** Attempts of a call, in the mean. */
export function attemptsOfCall(p: number, retries: number): number {
  return p === 1 ? retries + 1 : (1 - p ** (retries + 1)) / (1 - p);
}

export function success(p: number, retries: number): number {
  return 1 - p ** (retries + 1);
}

/** Attempts at the lowest of so many layers while it always fails, each layer trying so often. */
export function layers(tries: number, count: number): number {
  return tries ** count;
}

const failing = (p: number, retries: number, calls: number) => {
  const oneMore = (of: typeof success) => ({
    what: "n attempts, not n retries",
    value: of(p, retries - 1),
  });
  return experiment({
    setting: `p = ${p}, n = ${retries}`,
    world: queueWorld({
      traffic: 1,
      workers: 100,
      faults: [{ kind: "partial", fromMs: 0, untilMs: 1e9, share: p, status: 503 }],
      calls,
    }),
    theory: {
      amplification: { value: attemptsOfCall(p, retries), mistake: oneMore(attemptsOfCall) },
      "answered share": { value: success(p, retries), mistake: oneMore(success) },
    },
    measure(world, seed) {
      const policy = immediate({ attemptsMax: retries + 1 });
      const { total } = observe(world, policy, seed).figures();
      return {
        amplification: Number(amplification(total)),
        "answered share": Number(answeredShare(total)),
      };
    },
  });
};

export const geometric: Model = {
  name: "Retries of independent failures",
  formula: "Amplification (1−pⁿ⁺¹)/(1−p), answered share 1−pⁿ⁺¹",
  source: "derived, as a geometric sum: attempt k+1 is made with chance pᵏ",
  experiments: [failing(0.5, 3, 2_000), failing(0.75, 3, 1_000), failing(0.9, 9, 1_000)],
};
