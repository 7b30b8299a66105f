import { AbortError } from "p-retry";
import { describe, expect, test, vi } from "vitest";
import { microtasks, turn, VirtualClock } from "../virtual-clock.ts";
import {
  busy,
  clientOf,
  diary,
  listeners,
  overheard,
  policyOf,
  silent,
  waiting,
  watched,
} from "./client.ts";

const reason = new Error("the user left");

describe("the caller's abort", () => {
  test("before the call rejects it, and nobody hears of it", async () => {
    const { policy, heard } = overheard(waiting(3));
    const { retry } = clientOf({ policy });
    const call = retry(() => expect.unreachable(), { signal: AbortSignal.abort(reason) });
    await expect(call).rejects.toBe(reason);
    expect(heard).toEqual([]);
  });

  test("during an attempt rejects at once with its reason, though the call is deaf", async () => {
    const { policy, heard } = overheard(waiting(3));
    const { retry, clock } = clientOf({ policy, timeoutMs: 500 });
    const controller = new AbortController();
    const call = watched(retry(silent, { signal: controller.signal }));
    await clock.advance(10);
    controller.abort(reason);
    expect(heard).toEqual(["1000 start", "1010 abandon attempt"]);
    await microtasks();
    expect(call).toEqual({ state: "rejected", error: reason });
    expect(clock.pending).toBe(0);
    expect(listeners(controller.signal)).toBe(0);
  });

  test("aborts the attempt's signal with the same reason", async () => {
    const { retry } = clientOf({ policy: waiting(3) });
    const controller = new AbortController();
    let seen: AbortSignal | undefined;
    const call = retry(
      ({ signal }) => {
        seen = signal;
        return silent();
      },
      { signal: controller.signal },
    );
    await microtasks();
    expect(seen?.aborted).toBe(false);
    controller.abort(reason);
    expect(seen?.reason).toBe(reason);
    await expect(call).rejects.toBe(reason);
  });

  test("during a wait rejects at once, and no further attempt is made", async () => {
    const { policy, heard } = overheard(waiting(3));
    const { retry, clock } = clientOf({ policy });
    const controller = new AbortController();
    let attempts = 0;
    const call = watched(
      retry(
        () => {
          attempts++;
          busy();
        },
        { signal: controller.signal },
      ),
    );
    await clock.advance(40);
    controller.abort(reason);
    expect(heard.at(-1)).toBe("1040 abandon wait");
    await microtasks();
    expect(call).toEqual({ state: "rejected", error: reason });
    expect(clock.pending).toBe(0);
    expect(listeners(controller.signal)).toBe(0);
    await clock.advance(1000);
    expect(attempts).toBe(1);
    expect(heard).toHaveLength(3);
  });

  test("during the wait before the first attempt abandons the wait", async () => {
    const { policy, heard } = overheard({
      name: "late",
      initial: {},
      decide: (_state, event) =>
        event.kind === "start" ? { do: "wait", delayMs: 50 } : { do: "send" },
    });
    const { retry, clock } = clientOf({ policy });
    const controller = new AbortController();
    const call = retry(() => expect.unreachable(), { signal: controller.signal });
    await clock.advance(20);
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(heard).toEqual(["1000 start", "1020 abandon wait"]);
  });

  test("during a session reset makes no attempt", async () => {
    const { policy, heard } = overheard({
      name: "resets",
      initial: {},
      decide: () => ({ do: "send", resetSession: true }),
    });
    const clock = new VirtualClock(1000);
    const { lines, observer } = diary(clock);
    const { retry } = clientOf({ policy, clock, observer, timeoutMs: 500, resetSession: silent });
    const controller = new AbortController();
    const call = retry(() => expect.unreachable(), { signal: controller.signal });
    await clock.advance(20);
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await turn();
    expect(heard).toEqual(["1000 start", "1020 abandon attempt"]);
    expect(lines.at(-1)).toBe("1020 callEnded 1 abandoned");
    expect(clock.pending).toBe(0);
  });

  test("in the same turn as the answer still counts, for the policy as for the caller", async () => {
    const { policy, heard } = overheard(waiting(3));
    const { retry } = clientOf({ policy });
    const controller = new AbortController();
    const call = retry(
      () => {
        controller.abort(reason);
        return "too late";
      },
      { signal: controller.signal },
    );
    await expect(call).rejects.toBe(reason);
    expect(heard).toEqual(["1000 start", "1000 abandon attempt"]);
  });

  test.each([
    ["an answer", () => "fine", "1000 success 1"],
    ["a policy's stop", busy, "1000 failure 1 rejected"],
  ])("any moment after %s ends the call once, and for all alike", async (_what, call, last) => {
    const ends = new Set<string | undefined>();
    for (let moments = 0; moments < 30; moments++) {
      const { policy, heard } = overheard(waiting(1));
      const { retry } = clientOf({ policy });
      const controller = new AbortController();
      let isCalled = false;
      const settled = watched(
        retry<string>(
          () => {
            isCalled = true;
            return call();
          },
          { signal: controller.signal },
        ),
      );
      while (!isCalled) await undefined;
      for (let moment = 0; moment < moments; moment++) await undefined;
      controller.abort(reason);
      await turn();
      const isAbandoned = settled.error === reason;
      expect(heard.slice(1)).toEqual([isAbandoned ? "1000 abandon attempt" : last]);
      ends.add(heard.at(-1));
    }
    expect(ends.size).toBe(2);
  });

  test("after the end changes nothing, and no listener is left", async () => {
    const { policy, heard } = overheard(waiting(2));
    const { retry, clock } = clientOf({ policy });
    const controller = new AbortController();
    const { signal } = controller;
    expect(await retry(() => "fine", { signal })).toBe("fine");
    expect(listeners(signal)).toBe(0);
    const failed = watched(retry(busy, { signal }));
    await clock.advance(100);
    expect(failed.state).toBe("rejected");
    expect(listeners(signal)).toBe(0);
    controller.abort(reason);
    expect(heard.filter((line) => line.includes("abandon"))).toEqual([]);
  });

  test.each([
    ["callStarted", []],
    ["attemptStarted", ["1000 start", "1000 abandon attempt"]],
    ["waitStarted", ["1000 start", "1000 failure 1 rejected", "1000 abandon wait"]],
  ])("may come from the observer's %s", async (event, hears) => {
    const clock = new VirtualClock(1000);
    const { lines, observer } = diary(clock);
    const controller = new AbortController();
    const aborting = { ...observer, [event]: () => controller.abort(reason) };
    const { policy, heard } = overheard(waiting(3));
    const { retry } = clientOf({ policy, clock, observer: aborting });
    const call = vi.fn(busy);
    await expect(retry(call, { signal: controller.signal })).rejects.toBe(reason);
    await turn();
    expect(heard).toEqual(hears);
    expect(call).toHaveBeenCalledTimes(event === "waitStarted" ? 1 : 0);
    expect(clock.pending).toBe(0);
    expect(lines.at(-1)).toMatch(/callEnded \d abandoned$/);
  });

  test("of one signal ends all calls that share it, without a warning or a listener left", async () => {
    const warned = vi.fn();
    process.on("warning", warned);
    const { retry, clock } = clientOf({ policy: waiting(3) });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 1000 }, (_, index) =>
      watched(retry(index % 2 === 0 ? busy : silent, { signal })),
    );
    await clock.advance(10);
    expect(listeners(signal)).toBe(1000);
    controller.abort(reason);
    await turn();
    process.off("warning", warned);
    expect(calls.every(({ error }) => error === reason)).toBe(true);
    expect(listeners(signal)).toBe(0);
    expect(clock.pending).toBe(0);
    expect(warned).not.toHaveBeenCalled();
  });

  test("by AbortSignal.timeout is a caller's too: its TimeoutError is not retried", async () => {
    const { retry } = clientOf({ policy: waiting(3) });
    const controller = new AbortController();
    const call = retry(silent, { signal: controller.signal });
    await microtasks();
    const timeout = new DOMException("signal timed out", "TimeoutError");
    controller.abort(timeout);
    await expect(call).rejects.toBe(timeout);
  });
});

describe("an AbortError that the caller did not ask for", () => {
  test("ends the call: it is the call's own doing", async () => {
    const { retry } = clientOf({ policy: policyOf(() => ({ do: "send" })) });
    const aborted = new DOMException("aborted", "AbortError");
    const error = await retry(() => Promise.reject(aborted)).catch((error) => error);
    expect(error).toMatchObject({ why: "not-retryable", attempts: 1, cause: aborted });
  });

  test.each([
    ["an AbortError", new AbortError("stop")],
    ["a TypeError", new TypeError("x is not a function")],
    ["no error at all", "stop"],
  ])("is retried when `classify` says so, whatever p-retry thinks of %s", async (_what, thrown) => {
    const { retry } = clientOf({
      policy: policyOf(() => ({ do: "wait", delayMs: 0 })),
      classify: () => ({ kind: "connection" }),
    });
    const answer = await retry(({ attempt }) => {
      if (attempt < 3) throw thrown;
      return attempt;
    });
    expect(answer).toBe(3);
  });
});
