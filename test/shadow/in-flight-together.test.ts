/** Beside whoever hedges, the tried policy hears what a driver of its own would tell it. */
import { describe, expect, test } from "vitest";
import { budgeted, fixed } from "../../policies/index.ts";
import type { Policy } from "../../src/policy.ts";
import { hedging } from "../../src/retry/hedging.ts";
import { createShadow, type ShadowDecision } from "../../src/shadow/index.ts";
import { clientOf, overheard, silent, watched } from "../retry/client.ts";
import { VirtualClock } from "../virtual-clock.ts";

/** Sends a hedge after 50 ms, and makes no retries. */
const HEDGER: Policy = {
  name: "hedger",
  initial: {},
  hedges: true,
  decide(_state, { kind }) {
    if (kind === "failure") return { do: "stop", why: "attempts" };
    return kind === "hedge" ? { do: "send" } : { do: "send", hedgeAfterMs: 50 };
  },
};

const busyFor = (retryAfterMs?: number) =>
  Object.assign(new Error("busy"), { status: 503, retryAfterMs });

type Attempt = (clock: VirtualClock) => Promise<unknown>;
const answers =
  (afterMs: number): Attempt =>
  (clock) =>
    clock.sleep(afterMs);
const fails =
  (afterMs: number, error: unknown = busyFor()): Attempt =>
  (clock) =>
    clock.sleep(afterMs).then(() => Promise.reject(error));

/** A call of which the second attempt is in flight 50 ms after the first, in force or by hand. */
const SETUPS = {
  "a policy in force that hedges": (world: World, [first, second]: Attempt[]) =>
    clientOf({ policy: HEDGER, hedging, clock: world.clock, observer: world.shadow }).retry(
      ({ attempt }) => (attempt === 1 ? first : second)(world.clock),
    ),
  "a hedge by hand": (world: World, [first, second]: Attempt[]) =>
    world.shadow.around((watch) => {
      const late = world.clock.sleep(50).then(() => watch(() => second(world.clock)));
      return Promise.any([watch(() => first(world.clock)), late]);
    }),
};

function worldOf(policy: Policy) {
  const clock = new VirtualClock(0);
  const decisions: ShadowDecision[] = [];
  const { policy: tried, heard } = overheard(policy);
  const onDecision = (one: ShadowDecision) => decisions.push(one);
  const shadow = createShadow({ policy: tried, clock, onDecision });
  return { clock, shadow, decisions, heard };
}
type World = ReturnType<typeof worldOf>;

const tried = fixed({ delayMs: 10, attemptsMax: 2 });

describe.each(Object.entries(SETUPS))("beside %s", (_name, begin) => {
  const run = async (attempts: Attempt[], policy: Policy = tried) => {
    const world = worldOf(policy);
    const call = watched(begin(world, attempts));
    await world.clock.advance(1000);
    return { ...world, call };
  };

  test("a failure is none when the hedge answers", async () => {
    const { shadow, heard, decisions } = await run([fails(100), answers(150)]);
    expect(decisions).toEqual([]);
    expect(heard).toEqual(["0 start", "200 success 1"]);
    expect(shadow.figures).toMatchObject({
      attempts: 2,
      attemptsOfPolicy: 1,
      givenUpBeforeStop: 0,
      stops: {},
      answeredAfterStop: 0,
    });
  });

  test("nor is what is let go when the first answers", async () => {
    const { shadow, heard } = await run([answers(100), fails(150)]);
    expect(heard).toEqual(["0 start", "100 success 1"]);
    expect(shadow.figures).toMatchObject({ attemptsOfPolicy: 1, givenUpBeforeStop: 0, stops: {} });
  });

  test("all that fail are one failure, the last, with the longest wait that was asked", async () => {
    const { shadow, heard, decisions } = await run([
      fails(100, busyFor(7000)),
      fails(150, busyFor(2000)),
    ]);
    expect(heard.slice(0, 2)).toEqual(["0 start", "200 failure 1 rejected"]);
    expect(decisions).toHaveLength(1);
    expect(decisions[0].outcome).toEqual({ kind: "rejected", status: 503, retryAfterMs: 7000 });
    expect(shadow.figures).toMatchObject({ givenUpBeforeStop: 1, attemptsOfPolicy: 2 });
  });

  test("success fills the budget", async () => {
    const budget = budgeted(tried, { tokensMax: 1, ratio: 1, tokensInitial: 0 });
    const world = worldOf(budget);
    watched(begin(world, [fails(100), answers(150)]));
    await world.clock.advance(1000);
    watched(begin(world, [fails(100), fails(150)]));
    await world.clock.advance(1000);
    expect(world.shadow.figures).toMatchObject({ stops: {}, givenUpBeforeStop: 1 });
  });
});

const GONE = Object.assign(new Error("gone"), { status: 404 });

describe("beside a hedge by hand", () => {
  test("a failure that no retry mends ends the call of the policy", async () => {
    const world = worldOf(tried);
    watched(SETUPS["a hedge by hand"](world, [fails(100, GONE), answers(150)]));
    await world.clock.advance(1000);
    expect(world.heard).toEqual(["0 start", "100 failure 1 fatal"]);
    const stops = { "not-retryable": 1 };
    expect(world.shadow.figures).toMatchObject({ stops, answeredAfterStop: 1 });
  });
});

describe("beside a policy in force that hedges", () => {
  test("a failure that no retry mends is one at once", async () => {
    const { clock, shadow, heard } = worldOf(tried);
    const { retry } = clientOf({ policy: HEDGER, hedging, clock, observer: shadow });
    watched(retry(({ attempt }) => (attempt === 1 ? fails(100, GONE)(clock) : silent())));
    await clock.advance(1000);
    expect(heard).toEqual(["0 start", "100 failure 1 fatal"]);
    expect(shadow.figures.stops).toEqual({ "not-retryable": 1 });
  });

  test("a call that is abandoned is told as such, and no failure", async () => {
    const { clock, shadow, heard } = worldOf(tried);
    const { retry } = clientOf({ policy: HEDGER, hedging, clock, observer: shadow });
    const controller = new AbortController();
    const { signal } = controller;
    watched(retry(({ attempt }) => (attempt === 1 ? fails(60)(clock) : silent()), { signal }));
    await clock.advance(80);
    controller.abort();
    expect(heard).toEqual(["0 start", "80 abandon attempt"]);
    expect(shadow.figures).toMatchObject({ stops: {}, givenUpBeforeStop: 0 });
  });
});

describe("a shadow as an observer", () => {
  test("takes no attempt that was let go for a failure", () => {
    const { shadow, decisions } = worldOf(tried);
    const facts = { client: 0, call: 1 };
    shadow.callStarted?.(facts);
    for (const attempt of [1, 2])
      shadow.attemptStarted?.({ ...facts, attempt, isHedge: attempt === 2 });
    const end = { kind: "rejected", status: 503 } as const;
    shadow.attemptEnded?.({ ...facts, attempt: 1, end });
    shadow.attemptEnded?.({ ...facts, attempt: 2, end: { kind: "abandoned" } });
    expect(decisions.map(({ outcome }) => outcome)).toEqual([end]);
  });
});

describe("around a loop", () => {
  test("that gives up on a failure, what is in flight beside it is given up too", async () => {
    const { shadow, decisions } = worldOf(tried);
    await shadow
      .around((watch) => Promise.race([watch(() => Promise.reject(busyFor())), watch(silent)]))
      .catch(() => {});
    expect(decisions).toHaveLength(1);
    expect(shadow.figures).toMatchObject({ attempts: 2, givenUpBeforeStop: 1 });
  });

  test("that leaves its only attempt in flight, the call is abandoned", async () => {
    const { shadow, heard } = worldOf(tried);
    await shadow.around((watch) => {
      watch(silent);
    });
    expect(heard).toEqual(["0 start", "0 abandon attempt"]);
  });

  test("that waits, the abandon of a wait is told", async () => {
    const { clock, shadow, heard } = worldOf(tried);
    const { retry } = clientOf({ policy: fixed({ delayMs: 500 }), clock, observer: shadow });
    const controller = new AbortController();
    watched(retry(() => Promise.reject(busyFor()), { signal: controller.signal }));
    await clock.advance(20);
    controller.abort();
    expect(heard.at(-1)).toBe("20 abandon wait");
  });
});
