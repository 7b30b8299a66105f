import { describe, expect, test } from "vitest";
import { budgeted, exponential, fixed, none, retryAfter, vetted } from "../../policies/index.ts";
import { createFetch } from "../../src/fetch/index.ts";
import type { Policy } from "../../src/policy.ts";
import { createShadow, type ShadowDecision } from "../../src/shadow/index.ts";
import { busy, clientOf, policyOf, waiting, watched } from "../retry/client.ts";
import { VirtualClock } from "../virtual-clock.ts";

/** Calls with one policy in force and another in its shadow. */
function world({ inForce, tried }: { inForce: Policy; tried: Policy }) {
  const clock = new VirtualClock(1000);
  const heard: ShadowDecision[] = [];
  const shadow = createShadow({ policy: tried, clock, onDecision: (one) => heard.push(one) });
  const { retry } = clientOf({ policy: inForce, clock, observer: shadow });
  const failing = (times: number) => {
    let attempts = 0;
    const call = watched(retry(({ attempt }) => (attempts++ < times ? busy() : attempt)));
    return { call, attempts: () => attempts };
  };
  return { clock, heard, shadow, failing, retry };
}

const patient = exponential({ attemptsMax: 3, delayBaseMs: 5000 });

describe("a shadow", () => {
  test("changes nothing, and tells what the policy would have done", async () => {
    const { clock, heard, shadow, failing } = world({ inForce: waiting(2), tried: patient });
    const { call, attempts } = failing(1);
    await clock.advance(100);
    expect(call.value).toBe(2);
    expect(attempts()).toBe(2);
    const outcome = { kind: "rejected", status: 503 };
    expect(heard).toEqual([
      { client: 0, call: 1, attempt: 1, outcome, decision: { do: "wait", delayMs: 5000 } },
    ]);
    expect(shadow.figures).toEqual({
      calls: 1,
      attempts: 2,
      attemptsOfPolicy: 2,
      stops: {},
      answeredAfterStop: 0,
      givenUpBeforeStop: 0,
      broken: 0,
      lastError: undefined,
    });
  });

  test("counts what would have been given up and was answered after all", async () => {
    const { clock, shadow, failing } = world({ inForce: waiting(3), tried: none() });
    const { call } = failing(2);
    await clock.advance(200);
    expect(call.value).toBe(3);
    expect(shadow.figures).toMatchObject({
      attempts: 3,
      attemptsOfPolicy: 1,
      stops: { attempts: 1 },
      answeredAfterStop: 1,
    });
  });

  test("counts what was given up where the policy would have gone on", async () => {
    const { clock, shadow, failing } = world({ inForce: none(), tried: patient });
    failing(9);
    await clock.advance(0);
    expect(shadow.figures).toMatchObject({
      attempts: 1,
      attemptsOfPolicy: 2,
      givenUpBeforeStop: 1,
      stops: {},
    });
  });

  test("spends its policy's budget as if it had been followed", async () => {
    const tried = budgeted(fixed({ delayMs: 10, attemptsMax: 5 }), { tokensInitial: 3 });
    const { clock, shadow, failing } = world({ inForce: none(), tried });
    for (let call = 0; call < 10; call++) failing(9);
    await clock.advance(0);
    expect(shadow.figures).toMatchObject({
      calls: 10,
      attemptsOfPolicy: 13,
      givenUpBeforeStop: 3,
      stops: { budget: 7 },
    });
  });

  test("fills the budget by the successes that the policy would have had", async () => {
    const tried = budgeted(fixed({ delayMs: 10 }), { tokensMax: 1, ratio: 0.5, tokensInitial: 0 });
    const { clock, shadow, failing } = world({ inForce: none(), tried });
    failing(0);
    failing(0);
    await clock.advance(0);
    failing(9);
    await clock.advance(0);
    expect(shadow.figures).toMatchObject({ stops: {}, givenUpBeforeStop: 1 });
  });

  test("hears of calls that are abandoned", async () => {
    const { clock, shadow, retry } = world({ inForce: waiting(3), tried: patient });
    const controller = new AbortController();
    watched(retry(busy, { signal: controller.signal }));
    await clock.advance(50);
    controller.abort();
    await clock.advance(0);
    expect(shadow.figures).toMatchObject({ attempts: 1, attemptsOfPolicy: 1, stops: {} });
  });

  test("is asked only what its policy could have been asked", async () => {
    const asked: string[] = [];
    const tried = policyOf(
      ({ attempt }) => {
        asked.push(`failure ${attempt}`);
        return attempt < 2 ? { do: "wait", delayMs: 5000 } : { do: "stop", why: "attempts" };
      },
      ({ attempt, remainingMs, waitedMs }) => {
        asked.push(`wake ${attempt} ${remainingMs} ${waitedMs}`);
        return { do: "send" };
      },
    );
    const { clock, failing } = world({ inForce: waiting(5), tried });
    failing(9);
    await clock.advance(1000);
    expect(asked).toEqual(["failure 1", "wake 1 0 5000", "failure 2"]);
  });

  test("knows what fetch was answered, and each origin's budget", async () => {
    const tried = retryAfter(budgeted(fixed({ delayMs: 10 }), { tokensMax: 1 }));
    const heard: ShadowDecision[] = [];
    const shadow = createShadow({ policy: tried, onDecision: (one) => heard.push(one) });
    const answer = () => new Response(null, { status: 503, headers: { "retry-after": "7" } });
    const fetch = createFetch({ policy: none(), observer: shadow, fetch: async () => answer() });
    for (const name of ["a", "b"])
      expect((await fetch(`https://${name}.example/`)).status).toBe(503);
    expect(heard.map(({ client }) => client)).toEqual([0, 1]);
    expect(heard[0].outcome).toMatchObject({ retryAfterMs: 7000 });
    expect(shadow.figures).toMatchObject({ givenUpBeforeStop: 2, stops: {} });
  });
});

describe("the call's deadline", () => {
  const tried = fixed({ delayMs: 300, attemptsMax: 5 });

  test("is the tried policy's too, of the call or of its client", async () => {
    const clock = new VirtualClock(1000);
    const shadow = createShadow({ policy: tried, clock });
    const { retry } = clientOf({ policy: none(), clock, observer: shadow, deadlineMs: 200 });
    watched(retry(busy));
    watched(retry(busy, { deadlineMs: 250 }));
    watched(retry(busy, { deadlineMs: 400 }));
    await clock.advance(0);
    expect(shadow.figures).toMatchObject({ stops: { deadline: 2 }, givenUpBeforeStop: 1 });
  });
});

describe("the state of a client", () => {
  const tried = budgeted(fixed({ delayMs: 10 }), { tokensInitial: 1 });
  const callOf = (client: number, shadow: ReturnType<typeof createShadow>, call = 1) => {
    const facts = { client, call };
    shadow.callStarted?.(facts);
    shadow.attemptStarted?.({ ...facts, attempt: 1, isHedge: false });
    const end = { kind: "rejected", status: 503 } as const;
    shadow.attemptEnded?.({ ...facts, attempt: 1, end });
    return () => shadow.callEnded?.({ ...facts, attempts: 1, why: "attempts", state: {} });
  };

  test("is kept while 1,000 others are used, and no longer", () => {
    const shadow = createShadow({ policy: tried });
    for (let client = 0; client < 1000; client++) callOf(client, shadow)();
    callOf(0, shadow, 2)();
    expect(shadow.figures.stops).toEqual({ budget: 1 });
    callOf(1000, shadow)();
    callOf(0, shadow, 3)();
    expect(shadow.figures.stops).toEqual({ budget: 2 });
    callOf(1, shadow, 2)();
    expect(shadow.figures.stops).toEqual({ budget: 2 });
  });

  test("is kept as long as it has calls", () => {
    const shadow = createShadow({ policy: tried });
    callOf(0, shadow);
    shadow.attemptStarted?.({ client: 0, call: 1, attempt: 2, isHedge: false });
    for (let client = 1; client <= 1500; client++) callOf(client, shadow)();
    callOf(0, shadow, 2)();
    expect(shadow.figures.stops).toEqual({ budget: 1 });
  });
});

describe("around a loop that is not ours", () => {
  test("settles as the loop does, and each attempt as its own", async () => {
    const shadow = createShadow({ policy: vetted() });
    const seen: unknown[] = [];
    const value = await shadow.around(async (watch) => {
      await watch(busy).catch((error: Error) => seen.push(error.message));
      seen.push(await watch(() => 5));
      return "the loop's";
    });
    expect(value).toBe("the loop's");
    expect(seen).toEqual(["busy", 5]);
    const defect = new Error("the loop's own");
    await expect(shadow.around(() => Promise.reject(defect))).rejects.toBe(defect);
    expect(shadow.figures).toMatchObject({ calls: 1, attempts: 2 });
  });

  test("tells what the policy would have done", async () => {
    const shadow = createShadow({ policy: fixed({ delayMs: 10, attemptsMax: 2 }) });
    await shadow.around(async (watch) => {
      for (let attempt = 1; attempt <= 5; attempt++) await watch(busy).catch(() => {});
      await watch(() => "fine");
    });
    expect(shadow.figures).toMatchObject({
      attempts: 6,
      attemptsOfPolicy: 2,
      stops: { attempts: 1 },
      answeredAfterStop: 1,
    });
  });
});

describe("around a loop that answers by itself", () => {
  test("no call is counted, and nothing of the policy", async () => {
    const shadow = createShadow({ policy: vetted() });
    expect(await shadow.around(() => "cached")).toBe("cached");
    expect(shadow.figures).toMatchObject({ calls: 0, attemptsOfPolicy: 0, givenUpBeforeStop: 0 });
  });
});

test.each([
  [{}, "Expected `policy` to be a policy { name, initial, decide }, got null."],
  [{ policy: none(), observe: 1 }, /^Expected only the options `policy`, .*, got `observe`\.$/],
])("refuses %o", (options, message) => {
  expect(() => createShadow(options as never)).toThrow(message);
});
