import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { vetted } from "../../policies/index.ts";
import { createSteps, type StepsOptions, stopOf } from "../../src/adapters/index.ts";
import { createFetch } from "../../src/fetch/index.ts";
import { createRetry } from "../../src/index.ts";
import { SkippingClock } from "../fetch/server.ts";
import { listeners, overheard, policyOf, waiting, watched } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";

const busy = () => Object.assign(new Error("busy"), { status: 503 });

function stepping({ clock = new VirtualClock(1000), ...options }: StepsOptions = {}) {
  const steps = createSteps({ policy: waiting(3), clock, ...options });
  return { clock: clock as VirtualClock, steps };
}

describe("a call in steps", () => {
  test("may begin at once, and go on when the wait is over", async () => {
    const { policy, heard } = overheard(waiting(3));
    const { steps, clock } = stepping({ policy });
    const call = steps.begin();
    expect(await call.started()).toBe(true);
    expect(call.attempt?.attempt).toBe(1);
    const next = watched(call.failed(busy()));
    expect(call.attempt).toBeUndefined();
    await clock.advance(99);
    expect(next.state).toBe("pending");
    await clock.advance(1);
    expect(next.value).toBe(true);
    expect(call.attempt?.attempt).toBe(2);
    await call.succeeded();
    expect(heard).toEqual([
      "1000 start",
      "1000 failure 1 rejected",
      "1100 wake 1",
      "1100 success 2",
    ]);
  });

  test("is given up as the policy says, with the whole story", async () => {
    const { steps } = stepping({ policy: waiting(1) });
    const call = steps.begin();
    await call.started();
    const error = busy();
    expect(await call.failed(error)).toBe(false);
    expect(call.stopped).toMatchObject({ why: "attempts", attempts: 1, cause: error });
    expect(stopOf(error)).toBe(call.stopped);
    expect(await call.failed(busy())).toBe(false);
  });

  test("may have to wait before its first attempt, or be refused", async () => {
    const later = policyOf(
      () => ({ do: "stop", why: "attempts" }),
      () => ({ do: "send" }),
    );
    const decide = vi.fn(later.decide);
    decide.mockReturnValueOnce({ do: "wait", delayMs: 50 });
    const { steps, clock } = stepping({ policy: { ...later, decide } });
    const started = watched(steps.begin().started());
    await clock.advance(49);
    expect(started.state).toBe("pending");
    await clock.advance(1);
    expect(started.value).toBe(true);

    decide.mockReturnValueOnce({ do: "stop", why: "breaker" });
    const call = steps.begin();
    expect(await call.started()).toBe(false);
    expect(call.stopped).toMatchObject({ why: "breaker", attempts: 0 });
  });

  test("is over for good once it was answered: what breaks off later begins nothing", async () => {
    const { policy, heard } = overheard(waiting(3));
    const { steps } = stepping({ policy });
    const call = steps.begin();
    await call.started();
    await call.succeeded();
    expect(await call.failed(busy())).toBe(false);
    expect(heard).toEqual(["1000 start", "1000 success 1"]);
  });

  test("takes from the budget of all, and fills it", async () => {
    const { steps } = stepping({
      clock: new SkippingClock() as never,
      policy: vetted({ tokensMax: 2, limitMs: Infinity }),
    });
    let retries = 0;
    for (let n = 0; n < 10; n++) {
      const call = steps.begin();
      await call.started();
      while (await call.failed(busy())) retries++;
    }
    expect(retries).toBe(2);
    for (let n = 0; n < 10; n++) {
      const call = steps.begin();
      await call.started();
      await call.succeeded();
    }
    const call = steps.begin();
    await call.started();
    expect(await call.failed(busy())).toBe(true);
  });

  test("has a budget of its own by name", async () => {
    const { steps } = stepping({
      clock: new SkippingClock() as never,
      policy: vetted({ tokensMax: 1, limitMs: Infinity }),
    });
    for (const [budget, mayGo] of [
      ["a", true],
      ["a", false],
      ["b", true],
    ] as const) {
      const call = steps.begin({ budget });
      await call.started();
      expect(await call.failed(busy())).toBe(mayGo);
    }
  });

  test("ends at its deadline, also while an attempt is made, whose signal is aborted", async () => {
    const { steps, clock } = stepping();
    const call = steps.begin({ deadlineMs: 200 });
    await call.started();
    const signal = call.attempt?.signal;
    await clock.advance(200);
    expect(signal?.aborted).toBe(true);
    expect(call.stopped).toMatchObject({ why: "deadline" });
    expect(await call.failed(busy())).toBe(false);
  });

  test("without a token left at the end of the wait, goes no further", async () => {
    const { steps, clock } = stepping({
      policy: policyOf(
        () => ({ do: "wait", delayMs: 100 }),
        () => ({ do: "stop", why: "budget" }),
      ),
    });
    const call = steps.begin();
    await call.started();
    const next = watched(call.failed(busy()));
    await clock.advance(100);
    expect(next.value).toBe(false);
    expect(call.stopped?.why).toBe("budget");
  });
});

describe("the caller's abort", () => {
  const reason = new Error("the user left");

  test("is heard in a wait, and tells the policy", async () => {
    const { policy, heard } = overheard(waiting(3));
    const { steps, clock } = stepping({ policy });
    const controller = new AbortController();
    const call = steps.begin({ signal: controller.signal });
    await call.started();
    const next = watched(call.failed(busy()));
    await clock.advance(10);
    controller.abort(reason);
    await turn();
    expect(next.error).toBe(reason);
    expect(heard.at(-1)).toBe("1010 abandon wait");
    expect(clock.pending).toBe(0);
    expect(listeners(controller.signal)).toBe(0);
  });

  test("is heard in an attempt, without an unhandled rejection", async () => {
    const { policy, heard } = overheard(waiting(3));
    const { steps } = stepping({ policy });
    const controller = new AbortController();
    const call = steps.begin({ signal: controller.signal });
    await call.started();
    const { signal } = call.attempt ?? {};
    controller.abort(reason);
    await turn();
    expect(signal?.reason).toBe(reason);
    expect(heard.at(-1)).toBe("1000 abandon attempt");
    await expect(call.failed(busy())).rejects.toBe(reason);
  });

  test("is heard before the first attempt", async () => {
    const { steps } = stepping();
    await expect(steps.begin({ signal: AbortSignal.abort(reason) }).started()).rejects.toBe(reason);
  });

  test("leaves no listener behind after an answer either", async () => {
    const { steps } = stepping();
    const { signal } = new AbortController();
    const call = steps.begin({ signal });
    await call.started();
    expect(listeners(signal)).toBe(1);
    await call.succeeded();
    await turn();
    expect(listeners(signal)).toBe(0);
  });

  test("may be said in so many words", async () => {
    const { policy, heard } = overheard(waiting(3));
    const { steps } = stepping({ policy });
    const call = steps.begin();
    await call.started();
    call.abandoned();
    expect(heard).toEqual(["1000 start", "1000 abandon attempt"]);
  });

  test("is concluded when whoever made the attempts is gone", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { policy, heard } = overheard(waiting(3));
    const { steps } = stepping({ policy });
    (() => void steps.begin({ owner: {} }))();
    for (let turns = 0; turns < 50 && heard.length < 2; turns++) {
      collect();
      await setImmediate();
    }
    expect(heard).toEqual(["1000 start", "1000 abandon attempt"]);
  });
});

describe("layers", () => {
  test("within a retry its calls have one attempt each, and the error is that one's to judge", async () => {
    const { steps } = stepping();
    let attempts = 0;
    const retry = createRetry({ policy: waiting(3), clock: new SkippingClock() });
    const outer = retry(async () => {
      const call = steps.begin();
      await call.started();
      const error = busy();
      do attempts++;
      while (await call.failed(error));
      throw error;
    });
    await expect(outer).rejects.toMatchObject({ why: "attempts", attempts: 3 });
    expect(attempts).toBe(3);
  });

  test('with `nested: "retry"` they retry, and the outer one takes that for final', async () => {
    const { steps } = stepping({ nested: "retry", clock: new SkippingClock() as never });
    let attempts = 0;
    const retry = createRetry({ policy: waiting(3), clock: new SkippingClock() });
    const outer = retry(async () => {
      const call = steps.begin();
      await call.started();
      const error = busy();
      do attempts++;
      while (await call.failed(error));
      throw error;
    });
    await expect(outer).rejects.toMatchObject({ why: "not-retryable", attempts: 1 });
    expect(attempts).toBe(3);
  });

  test("a fetch within an attempt makes one attempt", async () => {
    const { steps } = stepping({ clock: new SkippingClock() as never });
    let sent = 0;
    const fetch = createFetch({
      policy: waiting(3),
      clock: new SkippingClock(),
      fetch: async () => new Response(null, { status: sent++ < 100 ? 503 : 200 }),
    });
    const call = steps.begin();
    await call.started();
    do {
      await call.within(() => fetch("https://api.example.com/"));
    } while (await call.failed(busy()));
    expect(sent).toBe(3);
  });

  test("one error object that comes again and again is judged anew in each call", async () => {
    const { steps } = stepping({ clock: new SkippingClock() as never });
    const error = busy();
    for (let n = 0; n < 3; n++) {
      const call = steps.begin();
      await call.started();
      let attempts = 1;
      while (await call.failed(error)) attempts++;
      expect(attempts).toBe(3);
    }
  });
});

test("what a broken policy throws comes out where it is asked", async () => {
  const broken = new Error("broken");
  const fail = () => {
    throw broken;
  };
  const { steps } = stepping({ policy: policyOf(fail) });
  const call = steps.begin();
  await call.started();
  await expect(call.failed(busy())).rejects.toBe(broken);
  const other = stepping({ policy: { ...waiting(3), observe: fail } }).steps.begin();
  await other.started();
  await expect(other.succeeded()).rejects.toBe(broken);
});

test.each([
  [{ timeoutMs: 5 }, "got `timeoutMs`"],
  [{ nested: "twice" }, "Expected `nested`"],
  [{ policy: { ...waiting(3), hedges: true } }, "Expected a policy without hedges"],
])("wrong options are refused at once: %j", (options, message) => {
  expect(() => createSteps(options as never)).toThrow(message);
});

test("whatever the order of things, a call has one end, and no more attempts than its policy lets", async () => {
  const acts = fc.array(
    fc.constantFrom("failed", "succeeded", "abort", "abandoned", "time", "deadline", "twice"),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(acts, async (acts) => {
      const { policy, heard } = overheard(waiting(3));
      const clock = new VirtualClock();
      const ends: string[] = [];
      let attempts = 0;
      const observer = {
        attemptStarted: () => void attempts++,
        callEnded: ({ why }: { why: string }) => void ends.push(why),
      };
      const steps = createSteps({ policy, clock, observer });
      const controller = new AbortController();
      const call = steps.begin({ signal: controller.signal, deadlineMs: 1000 });
      const answers: unknown[] = [];
      let asked = 0;
      const note = (question: Promise<unknown>) => {
        asked++;
        question.then(
          (answer) => answers.push(answer),
          () => answers.push("rejected"),
        );
      };
      note(call.started());
      await clock.advance(0);
      for (const act of acts) {
        if (act === "failed") note(call.failed(busy()));
        else if (act === "twice") {
          note(call.failed(busy()));
          note(call.failed(busy()));
        } else if (act === "succeeded") note(call.succeeded());
        else if (act === "abort") controller.abort(new Error("left"));
        else if (act === "abandoned") call.abandoned();
        else await clock.advance(act === "time" ? 100 : 1000);
        await clock.advance(0);
      }
      call.abandoned();
      await clock.advance(5000);
      await turn();
      expect(ends).toHaveLength(1);
      expect(heard.filter((line) => line.includes("wake")).length).toBeLessThanOrEqual(2);
      expect(attempts).toBeLessThanOrEqual(3);
      expect(answers, "everybody who asks is answered").toHaveLength(asked);
      expect(clock.pending).toBe(0);
      expect(listeners(controller.signal)).toBe(0);
    }),
    { numRuns: 500, seed: 1 },
  );
});
