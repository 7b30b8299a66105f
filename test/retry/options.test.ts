import { describe, expect, test } from "vitest";
import { createRetry, retry, systemClock } from "../../src/index.ts";
import { waiting } from "./client.ts";

const policy = waiting(1);

describe("createRetry refuses", () => {
  test.each([
    [null, "Expected `options` to be an object, got null."],
    [{ policy: 5 }, "Expected `policy` to be a policy { name, initial, decide }, got 5."],
    [{ policy, unref: 1 }, "Expected `unref` to be true or false, got 1."],
    [{ policy, onRetry: "log" }, "Expected `onRetry` to be a function, got log."],
    [
      { policy, timeoutMs: -1 },
      "Expected `timeoutMs` to be a number > 0 and ≤ 2147483647, got -1.",
    ],
    [
      { policy, timeoutMs: "1 s" },
      "Expected `timeoutMs` to be a number > 0 and ≤ 2147483647, got 1 s.",
    ],
    [
      { policy, timeoutMs: 2 ** 31 },
      "Expected `timeoutMs` to be a number > 0 and ≤ 2147483647, got 2147483648.",
    ],
    [
      { policy, deadlineMs: 0 },
      "Expected `deadlineMs` to be a number > 0 and ≤ 2147483647, got 0.",
    ],
    [
      { policy, tickMs: Number.NaN },
      "Expected `tickMs` to be a number > 0 and ≤ 2147483647, got NaN.",
    ],
    [{ policy, clientId: 1.5 }, "Expected `clientId` to be a whole number ≥ 0, got 1.5."],
    [{ policy, random: 4 }, "Expected `random` to be a function, got 4."],
    [{ policy, classify: {} }, "Expected `classify` to be a function, got [object Object]."],
    [{ policy, resetSession: true }, "Expected `resetSession` to be a function, got true."],
    [{ policy, observer: "me" }, "Expected `observer` to be an object, got me."],
    [
      { policy, flags: () => {} },
      "Expected `flags` to be an object with current, subscribe, got the function flags.",
    ],
    [
      { policy, clock: null },
      "Expected `clock` to be an object with nowMs, sleep, timeout, got null.",
    ],
  ])("%o", (options, message) => {
    expect(() => createRetry(options as never)).toThrow(new TypeError(message));
  });
});

test("createRetry refuses names of other libraries, and says which there are", () => {
  expect(() => createRetry({ retries: 3 } as never)).toThrow(
    /^Expected only the options `policy`, `timeoutMs`, .*, got `retries`\. That is the policy's: `vetted\(\{ attemptsMax \}\)`\.$/,
  );
});

test("createRetry takes every option at its edge", () => {
  const most = { timeoutMs: 2 ** 31 - 1, deadlineMs: 0.5, tickMs: 0.001, clientId: 0 };
  expect(createRetry({ policy, clock: systemClock, observer: {}, ...most })).toBeTypeOf("function");
});

describe("a call is rejected, not thrown, with a TypeError", () => {
  const client = createRetry({ policy });
  test.each([
    [() => client(5 as never), "Expected `call` to be a function, got 5."],
    [
      () => client(() => 1, { timeoutMs: 0 }),
      "Expected `timeoutMs` to be a number > 0 and ≤ 2147483647, got 0.",
    ],
    [
      () => client(() => 1, { signal: {} as never }),
      "Expected `signal` to be an object with addEventListener, removeEventListener, got [object Object].",
    ],
    [
      () => client(() => 1, { repeatable: 0 as never }),
      "Expected `repeatable` to be true or false, got 0.",
    ],
    [
      () => client(() => 1, { observer: "me" as never }),
      "Expected `observer` to be an object, got me.",
    ],
    [
      () => retry(() => 1, { policy: {} as never }),
      "Expected `policy` to be a policy { name, initial, decide }, got [object Object].",
    ],
  ])("%s", async (call, message) => {
    await expect(call()).rejects.toThrow(new TypeError(message));
  });
});
