/** What throws in a shadow changes nothing outside. */
import { describe, expect, test } from "vitest";
import { fixed, none } from "../../policies/index.ts";
import { createRetry } from "../../src/index.ts";
import type { Policy } from "../../src/policy.ts";
import { createShadow, type ShadowOptions } from "../../src/shadow/index.ts";
import { busy } from "../retry/client.ts";

const DEFECT = new Error("the shadow's own");
const defect = () => {
  throw DEFECT;
};

/** Throws when it is asked, or told, `kind`. */
function broken(kind: string): Policy {
  return {
    name: "broken",
    initial: {},
    decide: (_state, event) => {
      if (event.kind === kind) defect();
      return event.kind === "failure" ? { do: "wait", delayMs: 1 } : { do: "send" };
    },
    observe: (_state, event) => {
      if (event.kind === kind) defect();
    },
  };
}

const ANSWERED = () => Promise.resolve("answered");
const tried = fixed({ delayMs: 1 });

const CASES: [string, ShadowOptions, () => Promise<unknown>][] = [
  ["start", { policy: broken("start") }, ANSWERED],
  ["failure", { policy: broken("failure") }, busy],
  ["wake", { policy: broken("wake") }, busy],
  ["success", { policy: broken("success") }, ANSWERED],
  ["onDecision", { policy: tried, onDecision: defect }, busy],
  ["async onDecision", { policy: tried, onDecision: async () => defect() }, busy],
  ["flags", { policy: tried, flags: { current: defect, subscribe: defect } }, ANSWERED],
  ["clock", { policy: tried, clock: { nowMs: defect, sleep: defect, timeout: defect } }, ANSWERED],
];

// An uncaught exception or a rejection that nobody handles fails the run.
describe.each(CASES)("a shadow that throws: %s", (_name, options, attempt) => {
  const plain = async () => {
    try {
      return await attempt();
    } catch (error) {
      return (error as Error).message;
    }
  };

  test("beside a client, changes no call and is counted", async () => {
    const shadow = createShadow(options);
    const call = createRetry({ policy: none(), observer: shadow });
    const result = await call(attempt).catch((error) => (error.cause as Error).message);
    expect(result).toBe(await plain());
    expect(shadow.figures).toMatchObject({ calls: 1, broken: 1, lastError: DEFECT });
  });

  test("around a loop, changes nothing of it and is counted", async () => {
    const shadow = createShadow(options);
    const call = shadow.around((watch) => watch(attempt));
    expect(await call.catch((error: Error) => error.message)).toBe(await plain());
    await undefined;
    expect(shadow.figures).toMatchObject({ calls: 1, broken: 1, lastError: DEFECT });
  });
});

describe("a shadow", () => {
  test("leaves the loop's error when `classify` throws", async () => {
    const shadow = createShadow({ policy: tried, classify: defect });
    await expect(shadow.around((watch) => watch(busy))).rejects.toThrow("busy");
    expect(shadow.figures).toMatchObject({ broken: 1, lastError: DEFECT });
  });

  test("does not ask again in a call that broke, but goes on counting its attempts", async () => {
    const asked: string[] = [];
    const policy = broken("failure");
    const shadow = createShadow({
      policy: {
        ...policy,
        decide(state, event, random) {
          asked.push(event.kind);
          return policy.decide(state, event, random);
        },
      },
    });
    const insist = () =>
      shadow.around(async (watch) => {
        for (let attempt = 0; attempt < 3; attempt++) await watch(busy).catch(() => {});
      });
    await insist();
    expect(asked).toEqual(["start", "failure"]);
    await insist();
    expect(asked).toEqual(["start", "failure", "start", "failure"]);
    expect(shadow.figures).toMatchObject({ attempts: 6, broken: 2, givenUpBeforeStop: 0 });
  });

  test("rejects with what the loop throws at once", async () => {
    const shadow = createShadow({ policy: tried });
    await expect(shadow.around(defect)).rejects.toBe(DEFECT);
    expect(shadow.figures.broken).toBe(0);
  });
});
