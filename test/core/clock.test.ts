import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DELAY_MAX_MS, systemClock } from "../../src/clock.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What became of a sleep, as far as it got. */
function watch(sleep: Promise<void>) {
  const seen = { state: "asleep", reason: undefined as unknown };
  sleep.then(
    () => {
      seen.state = "awake";
    },
    (reason: unknown) => {
      seen.state = "aborted";
      seen.reason = reason;
    },
  );
  return seen;
}

describe("sleep", () => {
  test("ends after the delay and not before", async () => {
    const seen = watch(systemClock.sleep(100));
    await vi.advanceTimersByTimeAsync(99);
    expect(seen.state).toBe("asleep");
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.state).toBe("awake");
  });

  test("rounds a fraction of a millisecond up", async () => {
    const fromMs = systemClock.nowMs();
    let wokeMs = 0;
    void systemClock.sleep(10.25).then(() => {
      wokeMs = systemClock.nowMs();
    });
    await vi.advanceTimersByTimeAsync(20);
    expect(wokeMs - fromMs).toBeGreaterThanOrEqual(10.25);
    expect(wokeMs - fromMs).toBeLessThanOrEqual(12);
  });

  test("lasts up to the longest delay that a timer can hold", async () => {
    const seen = watch(systemClock.sleep(DELAY_MAX_MS));
    await vi.advanceTimersByTimeAsync(DELAY_MAX_MS - 1);
    expect(seen.state).toBe("asleep");
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.state).toBe("awake");
  });

  test("rejects with the signal's reason as soon as it is aborted, and leaves no timer", async () => {
    const controller = new AbortController();
    const seen = watch(systemClock.sleep(100, controller.signal));
    await vi.advanceTimersByTimeAsync(50);
    controller.abort("enough");
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual({ state: "aborted", reason: "enough" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("rejects at once when the signal is aborted already", async () => {
    const seen = watch(systemClock.sleep(100, AbortSignal.abort("before")));
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual({ state: "aborted", reason: "before" });
  });

  test("leaves no listener on the signal when it ends", async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    watch(systemClock.sleep(100, signal));
    await vi.advanceTimersByTimeAsync(100);
    const listeners = (spy: { mock: { calls: unknown[][] } }) => spy.mock.calls.map((c) => c[1]);
    expect(listeners(added)).toHaveLength(1);
    expect(listeners(removed)).toEqual(listeners(added));
  });

  test("leaves no listener on the signal when it is aborted", async () => {
    const controller = new AbortController();
    const added = vi.spyOn(controller.signal, "addEventListener");
    watch(systemClock.sleep(100, controller.signal));
    controller.abort();
    await vi.advanceTimersByTimeAsync(0);
    // A listener that is to be called once is gone by then.
    expect(added.mock.calls.map(([, , options]) => options)).toEqual([{ once: true }]);
  });
});

describe("timeout", () => {
  test("fires once, after the delay", async () => {
    const fire = vi.fn();
    systemClock.timeout(100, fire);
    await vi.advanceTimersByTimeAsync(99);
    expect(fire).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(fire).toHaveBeenCalledOnce();
  });

  test("does not fire once it is cancelled, and leaves no timer", async () => {
    const fire = vi.fn();
    const cancel = systemClock.timeout(100, fire);
    await vi.advanceTimersByTimeAsync(50);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(fire).not.toHaveBeenCalled();
  });
});

test("nowMs goes on with time", async () => {
  const fromMs = systemClock.nowMs();
  await vi.advanceTimersByTimeAsync(1_234);
  expect(systemClock.nowMs() - fromMs).toBeCloseTo(1_234, 6);
});
