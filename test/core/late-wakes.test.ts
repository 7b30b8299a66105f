/** A suspended laptop, a clock that is set back: neither a burst nor an endless wait. */
import { describe, expect, test } from "vitest";
import { NO_FLAGS } from "../../src/ask.ts";
import { asking, retrying, SEND, wait } from "./asking.ts";

const HOUR_MS = 3_600_000;

describe("a wait that ends more than a second late", () => {
  test("is drawn anew below its length, without asking the policy", () => {
    const { seen, start, fail, wake } = asking(retrying(wait(400)));
    start();
    fail(0);
    expect(wake(400 + HOUR_MS)).toEqual(wait(200));
    expect(seen).toHaveLength(2);
    expect(wake(600 + HOUR_MS)).toEqual(SEND);
  });

  test("is drawn anew after each of several sleeps, and after a flag changed in between", () => {
    const { ask, call, start, fail, wake } = asking(retrying(wait(400)));
    start();
    fail(0);
    expect(ask.wake(call, {}, 100, NO_FLAGS)).toEqual(wait(300));
    expect(wake(400 + HOUR_MS)).toEqual(wait(200));
    expect(wake(800 + 2 * HOUR_MS)).toEqual(wait(100));
    expect(wake(900 + 2 * HOUR_MS)).toEqual(SEND);
  });

  test("is drawn anew eight times at most: a process that is always late gets on too", () => {
    const { start, fail, wake } = asking(retrying(wait(400)));
    start();
    fail(0);
    let times = 0;
    for (let nowMs = 5_000; wake(nowMs).do === "wait"; nowMs += 5_000) times++;
    expect(times).toBe(8);
  });

  test("is not drawn anew when it is a second late, as timers of a busy process are", () => {
    const { start, fail, wake } = asking(retrying(wait(400)));
    start();
    fail(0);
    expect(wake(1_400)).toEqual(SEND);
  });

  test("stops when the deadline went by meanwhile", () => {
    const { start, fail, wake } = asking(retrying(wait(400)));
    start(5_000);
    fail(0);
    expect(wake(HOUR_MS)).toEqual({ do: "stop", why: "deadline" });
  });
});

test("a clock that is set back makes no wait longer than it was", () => {
  const { seen, start, fail, wake } = asking(retrying(wait(400)), { startMs: HOUR_MS });
  start();
  fail(HOUR_MS);
  expect(wake(100)).toEqual(wait(400));
  expect(seen.at(-1)).toMatchObject({ kind: "wake", remainingMs: 400 });
});
