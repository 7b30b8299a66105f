/** Whatever happens in whatever order, calls keep their promises: to callers, to the policy and to observers. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { RETRIES_FLAG, TOKENS_THOUSANDTHS, vetted } from "../../policies/index.ts";
import { type Attempt, RetryStopped } from "../../src/index.ts";
import type { Flags, Policy } from "../../src/policy.ts";
import { KeyedRandom } from "../../src/random.ts";
import type { RetryObserver } from "../../src/retry/observer.ts";
import { microtasks, VirtualClock } from "../virtual-clock.ts";
import { clientOf, listeners, watched } from "./client.ts";

const ATTEMPTS_MAX = 3;
const TIMEOUT_MS = 300;
const DEADLINE_MS = 1000;
const TOKENS = 3;
const reason = new Error("the user left");

const FAILURES: Record<string, () => unknown> = {
  busy: () => Object.assign(new Error("busy"), { status: 503 }),
  hinted: () => Object.assign(new Error("busy"), { status: 429, retryAfterMs: 150 }),
  reset: () => Object.assign(new Error("reset"), { code: "ECONNRESET" }),
  unknown: () => new Error("unknown"),
};

interface Script {
  /** What its attempts come to, and then "fine". */
  readonly attempts: string[];
  readonly isDeaf: boolean;
  readonly isAborted: boolean;
  readonly deadlineMs: number | undefined;
}

const ENDS = [...Object.keys(FAILURES), "fine", "silent"];

const scripts = fc.array(
  fc.record({
    attempts: fc.array(fc.constantFrom(...ENDS), { maxLength: 4 }),
    isDeaf: fc.boolean(),
    isAborted: fc.boolean(),
    deadlineMs: fc.constantFrom(undefined, 200),
  }) as fc.Arbitrary<Script>,
  { minLength: 1, maxLength: 5 },
);

/** The policy, with what it is asked and told counted, and its tokens watched. */
function counted(policy: Policy, broken: string[]) {
  const seen = { starts: 0, successes: 0, abandons: 0, spent: 0 };
  const watch = <T>(state: Record<string, number>, act: () => T): T => {
    const before = state[TOKENS_THOUSANDTHS];
    const result = act();
    const after = state[TOKENS_THOUSANDTHS];
    if (after < 0 || after > TOKENS * 1000) broken.push(`${after} thousandths of a token`);
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

/** A client whose policy, flags, clock and events are all watched. */
function world() {
  const broken: string[] = [];
  const figures = { retries: 0, gaveUp: 0 };
  const { policy, seen } = counted(
    vetted({ attemptsMax: ATTEMPTS_MAX, tokensMax: TOKENS, limitMs: DEADLINE_MS }),
    broken,
  );
  const keyed = new KeyedRandom(1, "policy");
  const { stories, observer } = written();
  const clock = new VirtualClock(1000);
  const button = killSwitch(() => clock.nowMs());
  const { retry } = clientOf({
    policy,
    clock,
    timeoutMs: TIMEOUT_MS,
    random: (...key) => keyed.key(...key).next,
    flags: button.source,
    observer,
    onGiveUp: () => figures.gaveUp++,
  });
  return { broken, figures, seen, stories, clock, button, retry };
}

type World = ReturnType<typeof world>;

/** A call that begins, is answered and is aborted when the scheduler says so. */
class ScriptedCall {
  readonly #world: World;
  readonly #script: Script;
  readonly #later: (label: string) => Promise<void>;
  readonly #controller = new AbortController();
  readonly #left: string[];
  #untilMs = Infinity;
  made = 0;
  ended: ReturnType<typeof watched> | undefined;

  constructor(world: World, script: Script, later: (label: string) => Promise<void>) {
    this.#world = world;
    this.#script = script;
    this.#later = later;
    this.#left = [...script.attempts];
    later("begins").then(() => this.#begin());
    if (script.isAborted) later("is aborted").then(() => this.#abort());
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #begin(): void {
    const { clock, retry } = this.#world;
    const { deadlineMs } = this.#script;
    this.#untilMs = clock.nowMs() + (deadlineMs ?? DEADLINE_MS);
    this.ended = watched(
      retry((at) => this.#attempt(at), { signal: this.signal, ...(deadlineMs && { deadlineMs }) }),
    );
  }

  async #abort(): Promise<void> {
    this.#controller.abort(reason);
    await microtasks();
    this.#hold(this.ended?.state !== "pending", "an abort that is not heard at once");
  }

  async #attempt({ attempt, signal }: Attempt): Promise<string> {
    const { clock, button, figures } = this.#world;
    this.#hold(!this.signal.aborted, "an attempt after the abort");
    this.#hold(clock.nowMs() < this.#untilMs, "an attempt after the deadline");
    this.#hold(attempt === ++this.made, "attempts out of order");
    if (attempt > 1) {
      figures.retries++;
      this.#hold(button.isOn(), "a retry though they are switched off");
    }
    const end = this.#left.shift() ?? "fine";
    const cut = new Promise<never>((_, reject) => {
      if (!this.#script.isDeaf) signal.addEventListener("abort", () => reject(signal.reason));
    });
    if (end === "silent") return cut;
    await Promise.race([this.#later(`attempt ${attempt}: ${end}`), cut]);
    if (end !== "fine") throw FAILURES[end]();
    return end;
  }

  /** What is thrown here would only be one more failure of an attempt. */
  #hold(holds: boolean, otherwise: string): void {
    if (!holds) this.#world.broken.push(otherwise);
  }
}

function expectKept(
  { broken, figures, seen, stories, clock, button }: World,
  calls: ScriptedCall[],
) {
  expect(broken).toEqual([]);
  const ends = calls.map(({ ended }) => ended);
  expect(new Set(ends.map((end) => end?.state))).not.toContain("pending");
  expect(ends).not.toContain(undefined);
  for (const { signal, made } of calls) {
    expect(made).toBeLessThanOrEqual(ATTEMPTS_MAX);
    expect(listeners(signal)).toBe(0);
  }
  expect(clock.pending).toBe(0);
  expect(button.listeners.size).toBe(0);

  const errors = ends.map((end) => end?.error);
  const resolved = ends.filter((end) => end?.state === "resolved").length;
  const aborted = errors.filter((error) => error === reason).length;
  const stopped = errors.filter((error) => error instanceof RetryStopped).length;
  // The policy hears of one end of each call, and so does the caller.
  expect(seen.starts).toBe(seen.successes + seen.abandons + stopped);
  expect([seen.successes, figures.gaveUp]).toEqual([resolved, stopped]);
  expect(resolved + aborted + stopped).toBe(calls.length);
  expect(seen.spent).toBe(figures.retries);
  expect(stories.size).toBe(seen.starts);
  for (const story of stories.values()) expect(story).toMatch(/^SW*(AERW*)*(AE?)?C$/);
}

test("aborts, timeouts, deadlines, a switch, answers and failures in any order", async () => {
  // With one of a busy event loop, whose timers are late.
  const steps = fc.array(fc.constantFrom(40, 110, 290, "late" as const), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      scripts,
      steps,
      fc.nat(4),
      async (scheduler, scripts, steps, flips) => {
        const here = world();
        const later = (label: string) => scheduler.schedule(Promise.resolve(), label);
        const calls = scripts.map(
          (script, n) => new ScriptedCall(here, script, (label) => later(`call ${n} ${label}`)),
        );
        const pass = async (step: number | "late") =>
          step === "late" ? here.clock.jump(200) : here.clock.advance(step);
        scheduler.scheduleSequence(steps.map((step) => () => pass(step)));
        for (let flip = 0; flip < flips; flip++) later("flip").then(here.button.flip);
        await scheduler.waitIdle();
        await microtasks();
        const isQuiet = calls.every(({ ended }) => ended?.state !== "pending");
        if (isQuiet) expect(here.clock.pending).toBe(0);
        // Until the last deadline.
        await here.clock.advance(2 * DEADLINE_MS);
        await scheduler.waitIdle();
        await microtasks();
        expectKept(here, calls);
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});
