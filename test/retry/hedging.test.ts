import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { budgeted, hedged, immediate } from "../../policies/index.ts";
import type { Decision, Failure, Hedge, NumericState, Policy, Success } from "../../src/policy.ts";
import { hedging } from "../../src/retry/hedging.ts";
import { microtasks, VirtualClock } from "../virtual-clock.ts";
import { clientOf, diary, listeners, watched } from "./client.ts";

interface Answers {
  readonly onHedge?: (event: Hedge) => Decision;
  readonly onFailure?: (event: Failure) => Decision;
}

/** Hedges after 50 ms, and gives up when all have failed; what is told changes that. */
function hedger({ onHedge, onFailure }: Answers = {}): Policy & { readonly heard: object[] } {
  const heard: object[] = [];
  return {
    heard,
    name: "hedging",
    initial: {},
    hedges: true,
    decide(_state, event) {
      heard.push({ ...event });
      if (event.kind === "hedge") return onHedge?.(event) ?? { do: "send" };
      if (event.kind === "failure") return onFailure?.(event) ?? { do: "stop", why: "attempts" };
      return { do: "send", hedgeAfterMs: 50 };
    },
    observe: (_state, event) => void heard.push({ ...event }),
  };
}

/** Attempts that end when the test says so. */
function attempts() {
  const open = new Map<number, { signal: AbortSignal; end: (value: unknown) => void }>();
  return {
    open,
    call: ({ attempt, signal }: { attempt: number; signal: AbortSignal }) =>
      new Promise((resolve, reject) => {
        const end = (value: unknown) => (value instanceof Error ? reject(value) : resolve(value));
        open.set(attempt, { signal, end });
      }),
    end: async (attempt: number, value: unknown) => {
      open.get(attempt)?.end(value);
      await microtasks();
    },
  };
}

const busy = (retryAfterMs?: number) =>
  Object.assign(new Error("busy"), { status: 503, retryAfterMs });
const refused = Object.assign(new Error("refused"), { status: 400 });

function begun(
  policy: Policy = hedger(),
  options: { timeoutMs?: number; deadlineMs?: number } = {},
) {
  const clock = new VirtualClock(1000);
  const { observer, lines } = diary(clock);
  const { retry } = clientOf({ clock, policy, hedging, observer, ...options });
  const { open, call, end } = attempts();
  const controller = new AbortController();
  const seen = watched(retry(call, { signal: controller.signal }));
  return { clock, lines, open, end, controller, seen };
}

describe("a hedge", () => {
  test("goes out beside an attempt that takes long; the first answer counts, the others are aborted", async () => {
    const policy = hedger();
    const { clock, lines, open, end, controller, seen } = begun(policy, { timeoutMs: 200 });
    await clock.advance(49);
    expect(open.size).toBe(1);
    await clock.advance(11);
    expect(open.size).toBe(2);
    await end(2, "second");

    expect(seen).toMatchObject({ state: "resolved", value: "second" });
    expect(open.get(1)?.signal.reason).toMatchObject({ name: "AbortError" });
    expect(open.get(2)?.signal.aborted).toBe(false);
    expect(lines).toEqual([
      "1000 callStarted",
      "1000 attemptStarted 1",
      "1050 attemptStarted 2 isHedge",
      "1060 attemptEnded 2 answered",
      "1060 attemptEnded 1 abandoned",
      "1060 callEnded 2 answered",
    ]);
    expect(policy.heard.at(-1)).toMatchObject({ attempt: 2, hedges: 1, latencyMs: 10 });
    expect(clock.pending).toBe(0);
    expect(listeners(controller.signal)).toBe(0);
  });

  test("that loses is aborted, and what it answers later is nobody's", async () => {
    const policy = hedger();
    const { clock, open, end, seen } = begun(policy);
    await clock.advance(60);
    await end(1, "first");
    expect(seen.value).toBe("first");
    expect(open.get(2)?.signal.aborted).toBe(true);
    await end(2, new Error("too late"));
    expect(seen.value).toBe("first");
    expect(policy.heard.at(-1)).toMatchObject({ kind: "success", latencyMs: 60 } as Success);
  });

  test("does not go out when the answer was there before, and leaves no timer", async () => {
    const { clock, open, end, lines } = begun();
    await clock.advance(10);
    await end(1, "first");
    expect(clock.pending).toBe(0);
    await clock.advance(100);
    expect(open.size).toBe(1);
    expect(lines.at(-1)).toBe("1010 callEnded 1 answered");
  });

  test("is put off by a wait, and a stop ends nothing", async () => {
    const onHedge = ({ nowMs }: Hedge): Decision =>
      nowMs < 1060 ? { do: "wait", delayMs: 10 } : { do: "stop", why: "budget" };
    const { clock, open, end, seen } = begun(hedger({ onHedge }));
    await clock.advance(1_000);
    expect(open.size).toBe(1);
    await end(1, "first");
    expect(seen.value).toBe("first");
  });

  test("has a time limit of its own", async () => {
    const { clock, lines, seen } = begun(hedger(), { timeoutMs: 80 });
    await clock.advance(130);
    expect(lines.slice(3)).toEqual([
      "1080 attemptEnded 1 timeout No answer within 80 ms.",
      "1130 attemptEnded 2 timeout No answer within 80 ms.",
      "1130 callEnded 2 attempts",
    ]);
    expect(seen.state).toBe("rejected");
    expect(clock.pending).toBe(0);
  });

  test.each([{ hedges: false }, { repeatable: false }])(
    "goes out for no call that says %o",
    async (options) => {
      const clock = new VirtualClock();
      const { retry } = clientOf({ clock, policy: hedger(), hedging });
      const { open, call, end } = attempts();
      const seen = watched(retry(call, options));
      await clock.advance(500);
      expect(open.size).toBe(1);
      await end(1, "first");
      expect(seen.value).toBe("first");
    },
  );

  test("learns nothing that is no number from a clock that is set back", async () => {
    const clock = new VirtualClock(1e6);
    const states: NumericState[] = [];
    const observer = { callEnded: ({ state }: { state: NumericState }) => void states.push(state) };
    const { retry } = clientOf({ clock, policy: hedged(immediate()), hedging, observer });
    const { call, end } = attempts();
    const seen = watched(retry(call));
    await clock.advance(10);
    clock.jump(-50_000);
    await end(1, "first");
    expect(seen.value).toBe("first");
    expect(states).toHaveLength(1);
    expect(states[0]["hedged.latencies"]).toBe(1);
    expect(Object.values(states[0]).every(Number.isFinite)).toBe(true);
  });

  test("costs a token, and an empty jar means none", async () => {
    const policy = budgeted(
      hedged(immediate({ attemptsMax: 9 }), { samplesMin: 1, delayMinMs: 50 }),
      { tokensMax: 1, ratio: 0 },
    );
    const clock = new VirtualClock();
    const { retry } = clientOf({ clock, policy, hedging });
    await retry(() => "known");
    for (const sent of [2, 1]) {
      const { open, call, end } = attempts();
      const seen = watched(retry(call));
      await clock.advance(60);
      expect(open.size).toBe(sent);
      await end(1, "first");
      expect(seen.value).toBe("first");
    }
  });
});

describe("a failure beside an attempt in flight", () => {
  test("is told, and waits for the rest; an answer makes it good", async () => {
    const policy = hedger();
    const { clock, lines, end, seen } = begun(policy);
    await clock.advance(60);
    await end(2, busy());
    expect(seen.state).toBe("pending");
    await clock.advance(40);
    await end(1, "first");
    expect(seen.value).toBe("first");
    expect(lines.slice(3)).toEqual([
      "1060 attemptEnded 2 rejected busy",
      "1100 attemptEnded 1 answered",
      "1100 callEnded 2 answered",
    ]);
    expect(policy.heard.filter((event) => "outcome" in event)).toEqual([]);
  });

  test("ends the hedging", async () => {
    const onHedge = (): Decision => ({ do: "send", hedgeAfterMs: 50 });
    const { clock, open, end } = begun(hedger({ onHedge }));
    await clock.advance(60);
    await end(2, busy());
    await clock.advance(500);
    expect(open.size).toBe(2);
  });

  test("is one failure with the last one: all attempts counted, the longest Retry-After kept", async () => {
    const onFailure = ({ attempt }: Failure): Decision =>
      attempt < 3 ? { do: "wait", delayMs: 100 } : { do: "stop", why: "attempts" };
    const policy = hedger({ onFailure });
    const { clock, end, seen } = begun(policy);
    await clock.advance(60);
    await end(2, busy(7_000));
    await clock.advance(20);
    await end(1, busy(3_000));
    expect(policy.heard.at(-1)).toMatchObject({
      kind: "failure",
      attempt: 2,
      hedges: 1,
      latencyMs: 80,
      outcome: { kind: "rejected", retryAfterMs: 7_000 },
    });
    await clock.advance(100);
    await end(3, busy());
    expect(seen.error).toMatchObject({ why: "attempts", attempts: 3 });
    expect((seen.error as { causes: unknown[] }).causes).toHaveLength(3);
  });

  test("that no retry can mend ends the call at once, and aborts the others", async () => {
    const { clock, lines, open, end, seen } = begun();
    await clock.advance(60);
    await end(2, refused);
    expect(seen.error).toMatchObject({ why: "not-retryable", cause: refused });
    expect(open.get(1)?.signal.aborted).toBe(true);
    expect(lines.slice(-3)).toEqual([
      "1060 attemptEnded 2 fatal refused",
      "1060 attemptEnded 1 abandoned",
      "1060 callEnded 2 not-retryable",
    ]);
  });
});

describe("the caller who leaves", () => {
  test("ends all attempts, with the reason", async () => {
    const policy = hedger();
    const { clock, lines, open, controller, seen } = begun(policy, { timeoutMs: 500 });
    await clock.advance(60);
    const reason = new Error("the user left");
    controller.abort(reason);
    await microtasks();
    expect(seen.error).toBe(reason);
    expect([...open.values()].map(({ signal }) => signal.reason)).toEqual([reason, reason]);
    expect(lines.at(-1)).toBe("1060 callEnded 2 abandoned");
    expect(policy.heard.at(-1)).toMatchObject({ kind: "abandon", during: "attempt" });
    expect(clock.pending).toBe(0);
  });

  test("before the hedge keeps it from being sent", async () => {
    const { clock, open, controller } = begun();
    await clock.advance(20);
    controller.abort();
    await clock.advance(500);
    expect(open.size).toBe(1);
    expect(clock.pending).toBe(0);
  });
});

test("a client without `hedging` takes no policy that hedges, and one with it takes any", async () => {
  expect(() => clientOf({ policy: hedger() })).toThrow(
    'Expected `hedging` of "stormproof/hedging" for policy hedging, got none.',
  );
  const { retry } = clientOf({ policy: immediate(), hedging });
  expect(await retry(({ attempt }) => attempt)).toBe(1);
});

test("a policy that hedges without saying so fails the call", async () => {
  const { hedges: _, ...policy } = hedger();
  const { retry } = clientOf({ policy, hedging });
  await expect(retry(() => 1)).rejects.toThrow(/to have `hedges: true`/);
});

test("a policy that throws when asked to hedge fails the call, and aborts what is in flight", async () => {
  const wrong = new Error("a policy's mistake");
  const { clock, open, seen } = begun(
    hedger({
      onHedge: () => {
        throw wrong;
      },
    }),
  );
  await clock.advance(60);
  expect(seen.error).toBe(wrong);
  expect(open.get(1)?.signal.aborted).toBe(true);
});

const STEPS = ["10 ms", "50 ms", "abort", ..."fine busy refused".split(" ")] as const;

test("whatever happens in whatever order, it settles once, sends no more than it may, and leaves nothing", async () => {
  const step = fc.tuple(fc.constantFrom(...STEPS), fc.nat(3));
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(step, { maxLength: 16 }),
      async (scheduler, steps) => {
        const onFailure = ({ attempt }: Failure): Decision =>
          attempt < 4 ? { do: "wait", delayMs: 30 } : { do: "stop", why: "attempts" };
        const onHedge = ({ attempt }: Hedge): Decision =>
          attempt < 4 ? { do: "send", hedgeAfterMs: 20 } : { do: "stop", why: "attempts" };
        const options = { timeoutMs: 120, deadlineMs: 400 };
        const policy = hedger({ onFailure, onHedge });
        const { clock, lines, open, end, controller, seen } = begun(policy, options);
        await microtasks();
        for (const [what, nth] of steps) {
          const attempt = 1 + nth;
          if (what.endsWith("ms")) await clock.advance(Number.parseInt(what, 10));
          else if (what === "abort")
            scheduler.schedule(Promise.resolve()).then(() => controller.abort());
          else {
            const value = what === "fine" ? what : what === "busy" ? busy() : refused;
            scheduler.schedule(Promise.resolve()).then(() => end(attempt, value));
          }
          if (nth > 1) await scheduler.waitIdle();
        }
        await scheduler.waitIdle();
        await clock.advance(1_000);

        expect(seen.state).not.toBe("pending");
        expect(open.size).toBeLessThanOrEqual(4);
        expect(clock.pending).toBe(0);
        expect(listeners(controller.signal)).toBe(0);
        const told = (what: string) => lines.filter((line) => line.includes(` ${what} `));
        expect(told("callEnded")).toHaveLength(1);
        expect(lines.at(-1)).toContain("callEnded");
        // Every attempt ends once, but for those whose caller left.
        const ended = told("attemptEnded").map((line) => line.split(" ")[2]);
        expect(new Set(ended).size).toBe(ended.length);
        if (!lines.at(-1)?.endsWith("abandoned"))
          expect(ended).toHaveLength(told("attemptStarted").length);
        expect(told("attemptEnded").filter((line) => line.endsWith("answered")).length).toBe(
          seen.state === "resolved" ? 1 : 0,
        );
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});
