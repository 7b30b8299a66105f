import { expect, test } from "vitest";
import {
  budgeted,
  deadline,
  fullJitter,
  killSwitch,
  retryAfter,
  TOKENS_THOUSANDTHS,
  vetted,
} from "../../policies/index.ts";
import { Client, REJECTED, rejectedFor } from "./drive.ts";

const waits = { delayBaseMs: 70, delayMaxMs: 900, attemptsMax: 6 };
const tokens = { ratio: 0.3, tokensMax: 8, tokensInitial: 4 };
const limit = { limitMs: 30_000 };
const hints = { retryAfterMaxMs: 2000, jitterRatio: 0.1 };

test("vetted is the five parts around one another, each with its own options", () => {
  const bounded = deadline(budgeted(fullJitter(waits), tokens), limit);
  const parts = killSwitch(retryAfter(bounded, hints));
  const whole = vetted({ ...waits, ...tokens, ...limit, ...hints });
  expect(whole).toMatchObject({ name: parts.name, initial: parts.initial, claim: parts.claim });
  for (const outcome of [REJECTED, rejectedFor(1500), rejectedFor(2001)]) {
    const [one, other] = [parts, whole].map((policy) => {
      const client = new Client(policy);
      const call = client.begin();
      const decisions = [];
      while (call.last.do === "send") decisions.push(call.failAndWait(outcome));
      return { decisions, deadlineMs: call.call.deadlineMs, state: client.state };
    });
    expect(other).toEqual(one);
  }
});

test("a fresh vetted client sends at most its tokens in retries when nothing answers", () => {
  const client = new Client(vetted({ attemptsMax: Infinity, limitMs: Infinity }));
  for (let n = 0; n < 100; n++) {
    const call = client.begin();
    while (call.last.do === "send") call.failAndWait(REJECTED);
  }
  expect(client.counts).toMatchObject({ calls: 100, attempts: 102, retries: 2 });
  expect(client.state[TOKENS_THOUSANDTHS]).toBe(0);
});
