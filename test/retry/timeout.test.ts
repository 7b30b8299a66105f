import { describe, expect, test, vi } from "vitest";
import { AttemptTimeout } from "../../src/index.ts";
import { describeOutcome } from "../../src/outcome.ts";
import { microtasks, turn } from "../virtual-clock.ts";
import { busy, clientOf, overheard, policyOf, silent, waiting, watched } from "./client.ts";

describe("timeoutMs", () => {
  test("interrupts an attempt that ignores its signal, and counts as a timeout", async () => {
    const { policy, heard } = overheard(waiting(2));
    const { retry, clock } = clientOf({ policy, timeoutMs: 500 });
    const call = watched(retry(({ attempt }) => (attempt === 1 ? silent() : "fine")));
    await clock.advance(499);
    expect(heard).toEqual(["1000 start"]);
    await clock.advance(1);
    expect(heard).toEqual(["1000 start", "1500 failure 1 timeout"]);
    await clock.advance(100);
    expect(call).toMatchObject({ value: "fine" });
  });

  test("aborts the attempt's signal with a TimeoutError", async () => {
    const { retry, clock } = clientOf({ policy: waiting(1), timeoutMs: 500 });
    let signal: AbortSignal | undefined;
    const call = watched(
      retry((attempt) => {
        signal = attempt.signal;
        return silent();
      }),
    );
    await clock.advance(500);
    expect(signal?.reason).toBeInstanceOf(AttemptTimeout);
    expect(signal?.reason).toMatchObject({
      name: "TimeoutError",
      message: "No answer within 500 ms.",
    });
    expect(call.error).toMatchObject({ why: "attempts", cause: signal?.reason });
  });

  test("is a timeout whatever `classify` makes of errors", async () => {
    const { policy, heard } = overheard(waiting(1));
    const classify = () => ({ kind: "fatal" }) as const;
    const { retry, clock } = clientOf({ policy, timeoutMs: 500, classify });
    watched(retry(silent));
    await clock.advance(500);
    expect(heard.at(-1)).toBe("1500 failure 1 timeout");
  });

  test("may be a call's own", async () => {
    const { policy, heard } = overheard(waiting(1));
    const { retry, clock } = clientOf({ policy, timeoutMs: 500 });
    watched(retry(silent, { timeoutMs: 30 }));
    await clock.advance(500);
    expect(heard.at(-1)).toBe("1030 failure 1 timeout");
  });

  test("leaves no timer behind, and never aborts the signal of an answered attempt", async () => {
    const { retry, clock } = clientOf({ policy: waiting(1), timeoutMs: 500 });
    const signal = await retry(({ signal }) => signal);
    expect(clock.pending).toBe(0);
    await clock.advance(1000);
    expect(signal.aborted).toBe(false);
  });

  test("swallows what the abandoned attempt does later", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const { policy, heard } = overheard(waiting(1));
    const { retry, clock } = clientOf({ policy, timeoutMs: 500 });
    const late = Promise.withResolvers<string>();
    const later = Promise.withResolvers<string>();
    const calls = [watched(retry(() => late.promise)), watched(retry(() => later.promise))];
    await clock.advance(500);
    late.reject(new Error("late"));
    later.resolve("late");
    await turn();
    await turn();
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(calls.map(({ state }) => state)).toEqual(["rejected", "rejected"]);
    expect(heard).toHaveLength(4);
  });
});

describe("a call that is not repeatable", () => {
  test.each([
    ["a timeout", silent, "fatal"],
    ["a rejection", busy, "fatal 503"],
    ["a broken connection", () => Promise.reject(new TypeError("fetch failed")), "fatal"],
  ])("ends with %s, whatever the policy says", async (_what, call, outcome) => {
    const asked: string[] = [];
    const policy = policyOf((event) => {
      asked.push(describeOutcome(event.outcome));
      return { do: "wait", delayMs: 0 };
    });
    const { retry, clock } = clientOf({ policy, timeoutMs: 500 });
    const ended = watched(retry(call, { repeatable: false }));
    await clock.advance(500);
    expect(ended.error).toMatchObject({ why: "not-retryable", attempts: 1 });
    expect(asked).toEqual([outcome]);
  });
});

describe("deadlineMs", () => {
  test("interrupts the attempt that would outlive it, and no other follows", async () => {
    const { policy, heard } = overheard(policyOf(() => ({ do: "wait", delayMs: 0 })));
    const { retry, clock } = clientOf({ policy, timeoutMs: 500, deadlineMs: 800 });
    const call = watched(retry(silent));
    await clock.advance(2000);
    expect(heard.filter((line) => line.includes("failure"))).toEqual([
      "1500 failure 1 timeout",
      "1800 failure 2 timeout",
    ]);
    expect(call.error).toMatchObject({ why: "deadline", attempts: 2, elapsedMs: 800 });
  });

  test("is the policy's where that is nearer", async () => {
    const { retry, clock } = clientOf({
      policy: {
        name: "brief",
        initial: {},
        decide: (_state, event) =>
          event.kind === "start" ? { do: "send", deadlineMs: event.nowMs + 70.5 } : { do: "send" },
      },
      deadlineMs: 800,
    });
    const call = watched(retry(silent));
    await clock.advance(70.5);
    expect(call.state).toBe("pending");
    await clock.advance(0.5);
    expect(call.error).toMatchObject({ why: "deadline", attempts: 1 });
  });

  test("too far for a timer sets none", async () => {
    const { retry, clock } = clientOf({
      policy: {
        name: "patient",
        initial: {},
        decide: (_state, { nowMs }) => ({ do: "send", deadlineMs: nowMs + 1e12 }),
      },
    });
    watched(retry(silent));
    await microtasks();
    expect(clock.pending).toBe(0);
  });
});
