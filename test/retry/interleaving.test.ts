/** Whatever happens in whatever order, calls keep their promises: to callers, to the policy and to observers. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { RETRIES_FLAG, TOKENS_THOUSANDTHS, vetted } from "../../policies/index.ts";
import type { Flags, Policy } from "../../src/policy.ts";
import { KeyedRandom } from "../../src/random.ts";
import type { RetryObserver } from "../../src/retry/observer.ts";
import { microtasks } from "../virtual-clock.ts";
import { clientOf, listeners, watched } from "./client.ts";

const ATTEMPTS_MAX = 3;
const TIMEOUT_MS = 300;
const DEADLINE_MS = 1000;
const TOKENS = 4;
const reason = new Error("the user left");

const FAILURES: Record<string, () => unknown> = {
  busy: () => Object.assign(new Error("busy"), { status: 503 }),
  hinted: () => Object.assign(new Error("busy"), { status: 429, retryAfterMs: 150 }),
  reset: () => Object.assign(new Error("reset"), { code: "ECONNRESET" }),
  unknown: () => new Error("unknown"),
};

const scripts = fc.array(
  fc.record({
    /** What its attempts come to, and then "fine". */
    attempts: fc.array(fc.constantFrom(...Object.keys(FAILURES), "fine", "silent"), {
      maxLength: 4,
    }),
    isDeaf: fc.boolean(),
    isAborted: fc.boolean(),
    deadlineMs: fc.constantFrom(undefined, 200),
  }),
  { minLength: 1, maxLength: 5 },
);

/** The policy, with what it is asked and told counted, and its tokens watched. */
function counted(policy: Policy) {
  const seen = { starts: 0, successes: 0, abandons: 0, spent: 0 };
  const watch = <T>(state: Record<string, number>, act: () => T): T => {
    const before = state[TOKENS_THOUSANDTHS];
    const result = act();
    const after = state[TOKENS_THOUSANDTHS];
    expect(after).toBeGreaterThanOrEqual(0);
    expect(after).toBeLessThanOrEqual(TOKENS * 1000);
    if (after < before) seen.spent += (before - after) / 1000;
    return result;
  };
  return {
    seen,
    policy: {
      ...policy,
      decide(state, event, random) {
        if (event.kind === "start") seen.starts++;
        return watch(state, () => policy.decide(state, event, random));
      },
      observe(state, event) {
        seen[event.kind === "success" ? "successes" : "abandons"]++;
        watch(state, () => policy.observe?.(state, event));
      },
    } satisfies Policy,
  };
}

/** A switch that waiting calls hear of. */
function killSwitch(nowMs: () => number) {
  const listeners = new Set<() => void>();
  let [isOn, changedAtMs] = [true, undefined as number | undefined];
  const flags: Flags = {
    boolean: (name, fallback) => (name === RETRIES_FLAG ? isOn : fallback),
    number: (_name, fallback) => fallback,
    changedAtMs: (name) => (name === RETRIES_FLAG ? changedAtMs : undefined),
  };
  return {
    isOn: () => isOn,
    listeners,
    flip() {
      [isOn, changedAtMs] = [!isOn, nowMs()];
      for (const onChange of [...listeners]) onChange();
    },
    source: {
      current: () => flags,
      subscribe(onChange: () => void) {
        listeners.add(onChange);
        return () => listeners.delete(onChange);
      },
    },
  };
}

/** S begins a call and C ends it, A and E an attempt; R plans a retry, W begins a wait. */
const LETTERS: Partial<Record<keyof RetryObserver, string>> = {
  callStarted: "S",
  waitStarted: "W",
  attemptStarted: "A",
  attemptEnded: "E",
  retryPlanned: "R",
  callEnded: "C",
};

function written() {
  const stories = new Map<number, string>();
  const observer = Object.fromEntries(
    Object.entries(LETTERS).map(([name, letter]) => [
      name,
      ({ call }: { call: number }) => stories.set(call, `${stories.get(call) ?? ""}${letter}`),
    ]),
  );
  return { stories, observer };
}

test("aborts, timeouts, deadlines, a switch, answers and failures in any order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      scripts,
      fc.array(fc.constantFrom(40, 110, 290), { maxLength: 12 }),
      fc.nat(4),
      async (scheduler, scripts, stepsMs, flips) => {
        const later = (label: string) => scheduler.schedule(Promise.resolve(), label);
        const { policy, seen } = counted(
          vetted({ attemptsMax: ATTEMPTS_MAX, tokensMax: TOKENS, limitMs: DEADLINE_MS }),
        );
        const keyed = new KeyedRandom(1, "policy");
        const { stories, observer } = written();
        let gaveUp = 0;
        const { clock, retry } = clientOf({
          policy,
          timeoutMs: TIMEOUT_MS,
          random: (...key) => keyed.key(...key).next,
          flags: {
            current: () => button.source.current(),
            subscribe: (f) => button.source.subscribe(f),
          },
          observer,
          onGiveUp: () => gaveUp++,
        });
        const button = killSwitch(() => clock.nowMs());
        let retries = 0;

        const calls = scripts.map(({ attempts, isDeaf, isAborted, deadlineMs }, index) => {
          const controller = new AbortController();
          const { signal } = controller;
          const left = [...attempts];
          const call = {
            signal,
            made: 0,
            ended: undefined as ReturnType<typeof watched> | undefined,
          };
          const attempt = async (at: { attempt: number; signal: AbortSignal }, untilMs: number) => {
            expect(signal.aborted).toBe(false);
            expect(clock.nowMs()).toBeLessThan(untilMs);
            expect(at.attempt).toBe(++call.made);
            if (at.attempt > 1) {
              retries++;
              expect(button.isOn()).toBe(true);
            }
            const end = left.shift() ?? "fine";
            const fails = new Promise<never>((_, reject) => {
              if (!isDeaf) at.signal.addEventListener("abort", () => reject(at.signal.reason));
            });
            if (end === "silent") return fails;
            await Promise.race([later(`call ${index} attempt ${at.attempt} ${end}`), fails]);
            if (end !== "fine") throw FAILURES[end]();
            return end;
          };
          later(`call ${index}`).then(() => {
            const untilMs = clock.nowMs() + (deadlineMs ?? DEADLINE_MS);
            call.ended = watched(
              retry((at) => attempt(at, untilMs), { signal, ...(deadlineMs && { deadlineMs }) }),
            );
          });
          if (isAborted) later(`abort ${index}`).then(() => controller.abort(reason));
          return call;
        });
        scheduler.scheduleSequence(stepsMs.map((ms) => () => clock.advance(ms)));
        for (let flip = 0; flip < flips; flip++) later("flip").then(() => button.flip());

        await scheduler.waitIdle();
        // Until the last deadline.
        await clock.advance(2 * DEADLINE_MS);
        await scheduler.waitIdle();
        await microtasks();

        const ends = calls.map(({ ended }) => ended);
        const count = (holds: (end: ReturnType<typeof watched>) => boolean) =>
          ends.filter((end) => end !== undefined && holds(end)).length;
        expect(ends.map((end) => end?.state)).not.toContain("pending");
        expect(ends).not.toContain(undefined);
        for (const { signal, made } of calls) {
          expect(made).toBeLessThanOrEqual(ATTEMPTS_MAX);
          expect(listeners(signal)).toBe(0);
        }
        expect(clock.pending).toBe(0);
        expect(button.listeners.size).toBe(0);

        const abandoned = count(({ error }) => error === reason);
        const stopped = count(({ error }) => (error as Error | undefined)?.name === "RetryStopped");
        expect(count(({ state }) => state === "resolved")).toBe(seen.successes);
        expect(seen.starts).toBe(seen.successes + seen.abandons + stopped);
        expect(calls.length).toBe(seen.successes + abandoned + stopped);
        expect(gaveUp).toBe(stopped);
        expect(seen.spent).toBe(retries);
        for (const story of stories.values()) expect(story).toMatch(/^SW*(AERW*)*(AE?)?C$/);
        expect(stories.size).toBe(seen.starts);
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});
