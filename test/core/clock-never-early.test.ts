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
