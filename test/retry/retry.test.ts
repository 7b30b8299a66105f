import { expect, test } from "vitest";
import { type Policy, retry } from "../../src/index.ts";
import { busy, waiting } from "./client.ts";

/** Retries at once, twice in its life. */
const twoTokens = (): Policy<{ tokens: number }> => ({
  name: "two tokens",
  initial: { tokens: 2 },
  decide(state, event) {
    if (event.kind !== "failure") return { do: "send" };
    return state.tokens-- > 0 ? { do: "wait", delayMs: 0 } : { do: "stop", why: "budget" };
  },
});

test("calls with the same policy object share its budget, wherever they are made", async () => {
  const policy = twoTokens();
  await expect(retry(busy, { policy })).rejects.toMatchObject({ why: "budget", attempts: 3 });
  await expect(retry(busy, { policy })).rejects.toMatchObject({ why: "budget", attempts: 1 });
});

test("another object of the same making has a budget of its own", async () => {
  await expect(retry(busy, { policy: twoTokens() })).rejects.toMatchObject({ attempts: 3 });
  await expect(retry(busy, { policy: twoTokens() })).rejects.toMatchObject({ attempts: 3 });
});

test("takes a call's signal and limits", async () => {
  const policy = waiting(1);
  const signal = AbortSignal.abort("left");
  await expect(retry(() => "fine", { policy, signal })).rejects.toBe("left");
  await expect(retry(() => "fine", { policy, deadlineMs: -1 })).rejects.toThrow("deadlineMs");
  expect(await retry(({ attempt }) => attempt, { policy })).toBe(1);
});
