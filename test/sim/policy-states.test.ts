import { describe, expect, test } from "vitest";
import type { Policy } from "../../src/policy.ts";
import { record, SEND, world } from "./worlds.ts";

describe("the state of a policy", () => {
  /** Counts its client's attempts. */
  const counting: Policy<{ attempts: number; two: number }> = {
    name: "counting",
    initial: { attempts: 0, two: 2 },
    decide(state, event) {
      if (event.kind === "failure") return { do: "stop", why: "attempts" };
      state.attempts++;
      return SEND;
    },
  };
  const three = { count: 3, timeoutMs: 100 };
  const asPolicy = counting as unknown as Policy;

  test("is each client's own, and begins as `initial`", () => {
    const seen: number[] = [];
    const policy: Policy = {
      ...asPolicy,
      decide(state, event, random) {
        seen.push(state.attempts + state.two);
        return asPolicy.decide(state, event, random);
      },
    };
    record(world({ clients: three, server: { queue: { places: 3, order: "fifo" } } }), policy);
    expect(seen).toEqual([2, 2, 2]);
    expect(policy.initial).toEqual({ attempts: 0, two: 2 });
  });

  test("is kept from call to call", () => {
    const seen: number[] = [];
    const policy: Policy = {
      ...asPolicy,
      decide(state, event, random) {
        if (event.kind === "start") seen.push(state.attempts);
        return asPolicy.decide(state, event, random);
      },
    };
    record(world({ load: { kind: "closed", thinkMs: 50 } }), policy);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen).toEqual(seen.map((_, index) => index));
  });

  test("can be looked at in mid-run, as a mean over clients", () => {
    const scenario = world({ clients: three, load: { kind: "herd", fromMs: 500, overMs: 0 } });
    const stateAt = (stateAtMs?: number) => record(scenario, asPolicy, { stateAtMs }).end.meanState;
    expect(stateAt(undefined)).toBeUndefined();
    expect(stateAt(0)).toEqual({ attempts: 0, two: 2 });
    expect(stateAt(500)).toEqual({ attempts: 0, two: 2 });
    expect(stateAt(501)).toEqual({ attempts: 1, two: 2 });
    // Nothing happens any more, but it is still there to be looked at.
    expect(stateAt(1_900)).toEqual({ attempts: 1, two: 2 });
  });

  test("takes no new keys", () => {
    const policy: Policy = {
      ...asPolicy,
      decide(state) {
        state.surprise = 1;
        return SEND;
      },
    };
    expect(() => record(world(), policy)).toThrow(TypeError);
  });
});
