import { describe, expect, test } from "vitest";
import { deadline, exponential, fixed, immediate } from "../../policies/index.ts";
import { NO_FLAGS } from "../../src/ask.ts";
import type { Policy } from "../../src/policy.ts";
import { Client, TIMEOUT } from "./drive.ts";

describe("the deadline of a call", () => {
  test("is limitMs after it began, on the driver's clock", () => {
    const client = new Client(deadline(immediate(), { limitMs: 500 }), { nowMs: 7000 });
    expect(client.begin().call.deadlineMs).toBe(7500);
  });

  test("keeps an earlier one and shortens a later one", () => {
    const client = new Client(deadline(immediate(), { limitMs: 500 }));
    expect(client.begin(300).call.deadlineMs).toBe(300);
    expect(client.begin(900).call.deadlineMs).toBe(500);
    const start = { kind: "start", nowMs: 0, flags: NO_FLAGS, deadlineMs: 300 } as const;
    expect(deadline(immediate()).decide({}, start, () => 0)).toHaveProperty("deadlineMs", 300);
  });

  test("keeps an earlier one of the inner policy, also around a wait before the first attempt", () => {
    const strict: Policy = {
      name: "strict",
      initial: {},
      decide: (_state, { kind, nowMs }) =>
        kind === "start" ? { do: "wait", delayMs: 10, deadlineMs: nowMs + 100 } : { do: "send" },
    };
    expect(new Client(deadline(strict, { limitMs: 500 })).begin().call.deadlineMs).toBe(100);
    expect(new Client(deadline(strict, { limitMs: 50 })).begin().call.deadlineMs).toBe(50);
    expect(new Client(deadline(deadline(strict))).begin().call.deadlineMs).toBe(100);
  });

  test("stops a wait that would end at it or later", () => {
    const call = new Client(deadline(fixed({ delayMs: 100 }), { limitMs: 100 })).begin();
    expect(call.fail(TIMEOUT)).toEqual({ do: "stop", why: "deadline" });
    const other = new Client(deadline(fixed({ delayMs: 99 }), { limitMs: 100 })).begin();
    expect(other.fail(TIMEOUT)).toEqual({ do: "wait", delayMs: 99 });
  });

  test("covers all attempts together", () => {
    const client = new Client(deadline(exponential({ attemptsMax: Infinity }), { limitMs: 1000 }));
    const call = client.begin();
    while (call.last.do === "send") call.failAndWait(TIMEOUT);
    expect(call.last).toEqual({ do: "stop", why: "deadline" });
    expect(client.nowMs).toBe(100 + 200 + 400);
  });

  test("Infinity is none", () => {
    const call = new Client(deadline(fixed(), { limitMs: Infinity })).begin();
    expect(call.fail(TIMEOUT)).toEqual({ do: "wait", delayMs: 100 });
  });

  test("leaves a refusal alone", () => {
    const never: Policy = {
      name: "never",
      initial: {},
      decide: () => ({ do: "stop", why: "refused" }),
    };
    expect(new Client(deadline(never)).begin().last).toEqual({ do: "stop", why: "refused" });
  });
});
