import { describe, expect, test } from "vitest";
import {
  budgeted,
  fixed,
  killSwitch,
  RETRIES_FLAG,
  sessionReset,
  TOKENS_THOUSANDTHS,
  vetted,
} from "../../policies/index.ts";
import { FlagPlan } from "../../src/flags.ts";
import type { Policy } from "../../src/policy.ts";
import { Client, REJECTED, TIMEOUT } from "./drive.ts";

const STOPPED = { do: "stop", why: "flag" };

/** A client whose retries are switched off at 50 ms, and on again at 80 ms. */
function switched(inner: Policy) {
  const client = new Client(inner);
  const plan = new FlagPlan([
    { atMs: 50, name: RETRIES_FLAG, value: false },
    { atMs: 80, name: RETRIES_FLAG, value: true },
  ]);
  client.flags = plan;
  const to = (nowMs: number) => {
    plan.advance(nowMs);
    client.nowMs = nowMs;
  };
  return { client, to };
}

describe("while the kill switch is off", () => {
  test("a failure is not retried", () => {
    const { client, to } = switched(killSwitch(fixed()));
    const call = client.begin();
    to(50);
    expect(call.fail(TIMEOUT)).toEqual(STOPPED);
  });

  test("a wait that is running is cancelled at once", () => {
    const { client, to } = switched(killSwitch(fixed()));
    const call = client.begin();
    call.fail(TIMEOUT);
    to(50);
    expect(call.wake()).toEqual(STOPPED);
  });

  test("nothing is hedged, and the inner policy is not asked to", () => {
    const { client, to } = switched(killSwitch(fixed()));
    to(50);
    const { nowMs, flags } = client;
    const hedge = { kind: "hedge", nowMs, flags, attempt: 1, elapsedMs: 50, waitedMs: 50 } as const;
    const decide = (policy: Policy) => policy.decide({}, { ...hedge, hedges: 0 }, () => 0);
    expect(decide(fixed())).toEqual({ do: "send" });
    expect(decide(killSwitch(fixed()))).toEqual(STOPPED);
  });

  test("first attempts go out, even those that had to wait", () => {
    const late: Policy = {
      name: "late",
      initial: {},
      decide: (_state, { kind }) =>
        kind === "start" ? { do: "wait", delayMs: 60 } : { do: "send" },
    };
    const { client, to } = switched(killSwitch(late));
    const call = client.begin();
    to(60);
    expect(call.wake()).toEqual({ do: "send" });
    expect(switched(killSwitch(fixed())).client.begin().last).toEqual({ do: "send" });
  });

  test("nothing is spent or noted down for what is not sent", () => {
    const { client, to } = switched(killSwitch(sessionReset(budgeted(fixed({ delayMs: 60 })))));
    const call = client.begin();
    call.fail(REJECTED);
    const before = { ...client.state };
    to(60);
    call.wake();
    client.begin().fail(REJECTED);
    expect(client.state).toEqual(before);
  });

  test("the inner policy hears of failures, and what it stops keeps its reason", () => {
    const heard: string[] = [];
    const listening: Policy = {
      ...fixed({ attemptsMax: 1 }),
      decide(state, event, random) {
        heard.push(event.kind);
        return fixed({ attemptsMax: 1 }).decide(state, event, random);
      },
    };
    const { client, to } = switched(killSwitch(listening));
    to(50);
    expect(client.begin().fail(TIMEOUT)).toEqual({ do: "stop", why: "attempts" });
    expect(heard).toEqual(["start", "failure"]);
  });

  test("and on again, later failures are retried", () => {
    const { client, to } = switched(killSwitch(fixed()));
    to(80);
    expect(client.begin().failAndWait(TIMEOUT).decision).toEqual({ do: "send" });
  });
});

test("without the flag it is the inner policy", () => {
  const [bare, around] = [fixed(), killSwitch(fixed())].map((policy) => {
    const call = new Client(policy).begin();
    return [call.failAndWait(TIMEOUT), call.failAndWait(TIMEOUT), call.failAndWait(TIMEOUT)];
  });
  expect(around).toEqual(bare);
});

test("vetted obeys it, and spends no token", () => {
  const { client, to } = switched(vetted());
  to(50);
  expect(client.begin().fail(TIMEOUT)).toEqual(STOPPED);
  expect(client.state[TOKENS_THOUSANDTHS]).toBe(2_000);
});
