import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a timeout of the system clock", () => {
  test("never fires early, though timers count whole milliseconds", () => {
    let firedMs = 0;
    systemClock.timeout(1.7, () => {
      firedMs = performance.now();
    });
    vi.advanceTimersByTime(10);
    expect(firedMs).toBe(2);
  });

  test("never fires early, though a timer may, and can still be cancelled then", () => {
    const slow = vi.spyOn(performance, "now");
    slow.mockReturnValueOnce(0.5).mockReturnValueOnce(99.9).mockReturnValueOnce(100.5);
    const fire = vi.fn();
    systemClock.timeout(100, fire);
    vi.advanceTimersByTime(100);
    expect(fire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fire).toHaveBeenCalledOnce();

    slow.mockReturnValueOnce(0.5).mockReturnValueOnce(99.9);
    const cancel = systemClock.timeout(100, fire);
    vi.advanceTimersByTime(100);
    cancel();
    slow.mockRestore();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("the system clock goes with its timers", () => {
  test("where only timers are faked", async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const startMs = systemClock.nowMs();
    const waited = systemClock.sleep(60_000);
    await vi.advanceTimersByTimeAsync(60_000);
    await waited;
    expect(systemClock.nowMs() - startMs).toBeGreaterThanOrEqual(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("where the machine's clock is set back in a wait", () => {
    const fire = vi.fn();
    const startMs = systemClock.nowMs();
    systemClock.timeout(100, fire);
    const { now } = performance;
    performance.now = () => now.call(performance) - 3_600_000;
    vi.advanceTimersByTime(100);
    expect(fire).toHaveBeenCalledOnce();
    expect(systemClock.nowMs() - startMs).toBeCloseTo(100);
    performance.now = now;
  });
});
