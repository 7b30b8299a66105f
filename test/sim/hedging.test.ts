import { describe, expect, test } from "vitest";
import type { Decision, Policy, Question, Success } from "../../src/policy.ts";
import { mayHedge } from "../../src/sim/fits-express.ts";
import { SilentTrace } from "../../src/trace.ts";
import { at, record, SEND, wait, world } from "./worlds.ts";

const hedgeAfter = (hedgeAfterMs: number): Decision => ({ do: "send", hedgeAfterMs });
const STOP: Decision = { do: "stop", why: "attempts" };

/** Hedges each first attempt after 20 ms; what is told below changes that. */
function hedging(answers: Partial<Record<Question["kind"], (event: Question) => Decision>> = {}) {
  const seen: (Question | Success)[] = [];
  const policy: Policy = {
    name: "hedging",
    initial: {},
    hedges: true,
    decide(_state, event) {
      seen.push({ ...event });
      const own = answers[event.kind]?.(event);
      if (own !== undefined) return own;
      if (event.kind === "failure") return STOP;
      return event.kind === "start" ? hedgeAfter(20) : SEND;
    },
    observe(_state, event) {
      if (event.kind === "success") seen.push({ ...event });
    },
  };
  return { policy, seen };
}

/** Work that begins in the first 5 ms takes 100 ms, all other 10 ms. */
const SLOW_AT_FIRST = { kind: "slowdown", fromMs: 0, untilMs: 5, factor: 10 } as const;

function slowAtFirst(input: Parameters<typeof world>[0] = {}) {
  const server = { workers: [{ fromMs: 0, workers: 3 }], ...input.server };
  return world({
    clients: { count: 1, timeoutMs: 200 },
    faults: [SLOW_AT_FIRST],
    ...input,
    server,
  });
}

/** What happens to the only call. */
const ofCall = (lines: readonly string[]) =>
  lines
    .filter((line) => line.includes("call 1"))
    .map((line) => line.replace(" client 0 call 1", ""));

describe("a hedge", () => {
  test("goes out beside what is slow; the first answer ends the call, and nobody waits for the rest", () => {
    const { policy, seen } = hedging();
    const { lines, end } = record(slowAtFirst(), policy);

    expect(lines).toEqual([
      "0 ms client 0 call 1 starts",
      "0 ms client 0 call 1 attempt 1 sent",
      "20 ms client 0 call 1 attempt 2 sent",
      "31 ms server: 10 ms of work",
      "32 ms client 0 call 1 attempt 2: answered",
      "32 ms client 0 call 1 attempt 1: abandoned",
      "32 ms client 0 call 1 ends after 2 attempts: answered",
      "101 ms server: 100 ms of work, late",
    ]);
    expect(end).toMatchObject({ calls: 1, attempts: 2, retries: 0, hedges: 1 });
    expect(seen.at(-1)).toMatchObject({ kind: "success", attempt: 2, hedges: 1, latencyMs: 12 });
  });

  test("may lose: then it is the one that nobody waits for", () => {
    const { policy, seen } = hedging();
    const slowLater = { ...SLOW_AT_FIRST, fromMs: 15, untilMs: 40, factor: 9 };
    const { lines } = record(
      slowAtFirst({ faults: [{ ...SLOW_AT_FIRST, factor: 5 }, slowLater] }),
      policy,
    );

    expect(at(lines, 52)).toEqual([
      "client 0 call 1 attempt 1: answered",
      "client 0 call 1 attempt 2: abandoned",
      "client 0 call 1 ends after 2 attempts: answered",
    ]);
    expect(seen.at(-1)).toMatchObject({ attempt: 2, elapsedMs: 52, latencyMs: 52 });
  });

  test("does not go out when the answer was there before", () => {
    const { policy, seen } = hedging();
    const { end } = record(slowAtFirst({ faults: [] }), policy);
    expect(end).toMatchObject({ attempts: 1, hedges: 0 });
    expect(seen.map(({ kind }) => kind)).toEqual(["start", "success"]);
  });

  test("may itself be hedged", () => {
    const { policy } = hedging({
      hedge: (event) => (event.kind === "hedge" && event.hedges < 2 ? hedgeAfter(5) : STOP),
    });
    const slow = { ...SLOW_AT_FIRST, untilMs: 30 };
    const { lines, end } = record(slowAtFirst({ faults: [slow] }), policy);

    expect(ofCall(lines).filter((line) => line.endsWith("sent"))).toEqual([
      "0 ms attempt 1 sent",
      "20 ms attempt 2 sent",
      "25 ms attempt 3 sent",
    ]);
    expect(at(lines, 102)).toEqual([
      "client 0 call 1 attempt 1: answered",
      "client 0 call 1 attempt 2: abandoned",
      "client 0 call 1 attempt 3: abandoned",
      "client 0 call 1 ends after 3 attempts: answered",
    ]);
    expect(end.hedges).toBe(2);
  });

  test("is put off by a wait, and never comes after a stop, which ends nothing", () => {
    const later = hedging({
      hedge: (event) => (event.nowMs < 30 ? wait(7) : SEND),
    });
    const sent = ofCall(record(slowAtFirst(), later.policy).lines);
    expect(sent).toContain("34 ms attempt 2 sent");

    const never = hedging({ hedge: () => STOP });
    const { lines } = record(slowAtFirst(), never.policy);
    expect(ofCall(lines)).toEqual([
      "0 ms starts",
      "0 ms attempt 1 sent",
      "102 ms attempt 1: answered",
      "102 ms ends after 1 attempt: answered",
    ]);
    expect(never.seen.filter(({ kind }) => kind === "hedge")).toHaveLength(1);
  });

  test("has a time limit of its own, from its own sending", () => {
    const { policy } = hedging();
    const down = { ...SLOW_AT_FIRST, untilMs: 900, factor: 50 };
    const { lines } = record(
      slowAtFirst({ clients: { count: 1, timeoutMs: 60 }, faults: [down] }),
      policy,
    );
    expect(ofCall(lines).slice(3)).toEqual([
      "60 ms attempt 1: timeout",
      "80 ms attempt 2: timeout",
      "80 ms ends after 2 attempts: attempts",
    ]);
  });

  test("is over at the call's deadline, with all others, as one failure", () => {
    const { policy, seen } = hedging();
    const { lines } = record(
      slowAtFirst({ clients: { count: 1, timeoutMs: 200, deadlineMs: 30 }, faults: [down(900)] }),
      policy,
    );
    expect(at(lines, 30)).toEqual([
      "client 0 call 1 attempt 1: timeout",
      "client 0 call 1 attempt 2: timeout",
      "client 0 call 1 ends after 2 attempts: attempts",
    ]);
    expect(seen.filter(({ kind }) => kind === "failure")).toHaveLength(1);
  });

  test("is not asked for at the deadline", () => {
    const { policy, seen } = hedging();
    const clients = { count: 1, timeoutMs: 200, deadlineMs: 20 };
    record(slowAtFirst({ clients, faults: [down(900)] }), policy);
    expect(seen.map(({ kind }) => kind)).toEqual(["start", "failure"]);
  });

  test("counts its time from the sending, not from a session reset before it", () => {
    const { policy, seen } = hedging({ start: () => ({ ...hedgeAfter(20), resetSession: true }) });
    const { lines } = record(
      slowAtFirst({ faults: [{ ...SLOW_AT_FIRST, untilMs: 300 }], sessionReset: { requests: 1 } }),
      policy,
    );
    expect(ofCall(lines)).toContain("102 ms attempt 1 sent");
    expect(ofCall(lines)).toContain("122 ms attempt 2 sent");
    expect(seen[1]).toMatchObject({ kind: "hedge", elapsedMs: 122, waitedMs: 20 });
  });

  test("that is in flight when the run ends, ends with it, as does what it is beside", () => {
    const { policy } = hedging();
    const { lines } = record(slowAtFirst({ patienceMs: 5, runMs: 20 }), policy);
    expect(at(lines, 25)).toEqual([
      "client 0 call 1 attempt 1: unfinished",
      "client 0 call 1 attempt 2: unfinished",
      "client 0 call 1 ends after 2 attempts: unfinished",
    ]);
  });
});

describe("a failure", () => {
  const REFUSED = { kind: "partial", fromMs: 15, untilMs: 25, share: 1, status: 503 } as const;

  test("beside an attempt in flight says nothing yet", () => {
    const { policy, seen } = hedging();
    const { lines } = record(slowAtFirst({ faults: [SLOW_AT_FIRST, REFUSED] }), policy);
    expect(ofCall(lines).slice(3)).toEqual([
      "22 ms attempt 2: rejected 503",
      "102 ms attempt 1: answered",
      "102 ms ends after 2 attempts: answered",
    ]);
    expect(seen.map(({ kind }) => kind)).toEqual(["start", "hedge", "success"]);
  });

  test("ends the hedging: what fails is not slow", () => {
    const { policy, seen } = hedging({ hedge: () => hedgeAfter(10) });
    record(slowAtFirst({ faults: [SLOW_AT_FIRST, REFUSED] }), policy);
    expect(seen.filter(({ kind }) => kind === "hedge")).toHaveLength(1);
  });

  test("of the last one is the policy's to answer, with all attempts counted", () => {
    const { policy, seen } = hedging({
      failure: (event) => ("attempt" in event && event.attempt > 2 ? STOP : wait(50)),
    });
    const faults = [{ ...SLOW_AT_FIRST, factor: 50 }, REFUSED];
    const { lines, end } = record(
      slowAtFirst({ clients: { count: 1, timeoutMs: 100 }, faults }),
      policy,
    );
    expect(ofCall(lines).slice(3)).toEqual([
      "22 ms attempt 2: rejected 503",
      "100 ms attempt 1: timeout",
      "100 ms waits 50 ms after attempt 2",
      "150 ms attempt 3 sent",
      "162 ms attempt 3: answered",
      "162 ms ends after 3 attempts: answered",
    ]);
    expect(end).toMatchObject({ attempts: 3, hedges: 1, retries: 1 });
    expect(seen.filter(({ kind }) => kind === "failure")).toMatchObject([
      { attempt: 2, hedges: 1, latencyMs: 100, outcome: { kind: "timeout" } },
    ]);
    expect(seen.at(-1)).toMatchObject({ kind: "success", attempt: 3, hedges: 0, latencyMs: 12 });
  });

  test("with a Retry-After is not forgotten over the one that comes last", () => {
    const rejection = { status: 503, retryAfterMs: 3_000, costMs: 0 };
    const { policy, seen } = hedging();
    record(
      slowAtFirst({
        clients: { count: 1, timeoutMs: 50 },
        server: { workers: [{ fromMs: 0, workers: 1 }], rejection },
      }),
      policy,
    );
    expect(seen.at(-1)).toMatchObject({
      kind: "failure",
      nowMs: 50,
      outcome: { kind: "rejected", retryAfterMs: 3_000 },
    });
  });

  test("that no retry can mend ends the call at once", () => {
    const { policy } = hedging();
    const faults = [SLOW_AT_FIRST, { ...REFUSED, status: 400 }];
    const { lines } = record(slowAtFirst({ faults }), policy);
    expect(at(lines, 22)).toEqual([
      "client 0 call 1 attempt 2: fatal 400",
      "client 0 call 1 attempt 1: abandoned",
      "client 0 call 1 ends after 2 attempts: not-retryable",
    ]);
  });
});

test("attempts of several requests are hedged as a whole", () => {
  const { policy } = hedging();
  const { lines } = record(slowAtFirst({ attempt: { requests: 2, order: "in-turn" } }), policy);
  expect(ofCall(lines)).toEqual([
    "0 ms starts",
    "0 ms attempt 1 sent",
    "20 ms attempt 2 sent",
    "32 ms attempt 2: answered",
    "32 ms attempt 2 request 2 sent",
    "44 ms attempt 2 request 2: answered",
    "44 ms attempt 1: abandoned",
    "44 ms ends after 2 attempts: answered",
  ]);
});

test("a policy that hedges, of all clients or of some, is no business of the express lane", () => {
  const options = {
    scenario: world(),
    policy: hedging().policy,
    seed: 1,
    trace: new SilentTrace(),
  };
  const { hedges: _, ...other } = options.policy;
  expect(mayHedge(options)).toBe(true);
  expect(mayHedge({ ...options, policy: other })).toBe(false);
  for (const cohort of [
    { policy: "hedging" },
    { policy: "other", rollout: { policy: "hedging", fromMs: 0, untilMs: 9 } },
  ]) {
    const scenario = world({ cohorts: [{ name: "some", share: 0.5, ...cohort }] });
    const policyOf = (name: string) => (name === "hedging" ? options.policy : other);
    expect(mayHedge({ ...options, scenario, policy: other, policyOf })).toBe(true);
  }
});

function down(untilMs: number) {
  return { ...SLOW_AT_FIRST, untilMs, factor: 50 };
}
