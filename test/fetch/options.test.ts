import { describe, expect, test } from "vitest";
import { createFetch } from "../../src/fetch/index.ts";

describe("createFetch refuses", () => {
  test.each([
    [null, "Expected `options` to be an object, got null."],
    [
      { retries: 3 },
      expect.stringMatching(
        /^Expected only the options `policy`, .*, got `retries`\. That is the policy's: `vetted\(\{ attemptsMax \}\)`\.$/,
      ),
    ],
    [{ fetch: "fetch" }, "Expected `fetch` to be a function, got fetch."],
    [{ budgetOf: "origin" }, "Expected `budgetOf` to be a function, got origin."],
    [{ makeIdempotencyKey: 5 }, "Expected `makeIdempotencyKey` to be a function, got 5."],
    [{ methods: "GET" }, "Expected `methods` to be an array of methods, got GET."],
    [{ methods: ["GET", "A B"] }, "Expected `methods` to be an array of methods, got GET,A B."],
    [{ giveUp: "throw" }, 'Expected `giveUp` to be "answer" or "error", got throw.'],
    [{ nested: true }, 'Expected `nested` to be "once" or "retry", got true.'],
    [
      { idempotencyKey: true },
      'Expected `idempotencyKey` to be "when-needed" or "always" or "never", got true.',
    ],
    [
      { attemptHeaders: false },
      'Expected `attemptHeaders` to be "same-origin" or "always" or "never", got false.',
    ],
    [{ replayBytesMax: -1 }, "Expected `replayBytesMax` to be a number of bytes ≥ 0, got -1."],
    [
      { replayBytesMax: "1 MB" },
      "Expected `replayBytesMax` to be a number of bytes ≥ 0, got 1 MB.",
    ],
    [
      { policy: {} },
      "Expected `policy` to be a policy { name, initial, decide }, got [object Object].",
    ],
    [{ timeoutMs: 0 }, "Expected `timeoutMs` to be a number > 0 and ≤ 2147483647, got 0."],
  ])("%o", (options, message) => {
    expect(() => createFetch(options as never)).toThrow(TypeError);
    expect(() => createFetch(options as never)).toThrow(expect.objectContaining({ message }));
  });
});

describe("a call is rejected with a TypeError when `init.retry` is wrong", () => {
  test.each([
    [5, "Expected `retry` to be an object, got 5."],
    [
      { attempts: 5 },
      "Expected only the options `timeoutMs`, `deadlineMs`, `shouldRetry`, `observer`, `onFailedAttempt`, `onRetry`, `onGiveUp`, `repeatable`, `hedges`, `replayBytesMax`, got `attempts`.",
    ],
    [
      { replayBytesMax: Number.NaN },
      "Expected `replayBytesMax` to be a number of bytes ≥ 0, got NaN.",
    ],
    [{ repeatable: "yes" }, "Expected `repeatable` to be true or false, got yes."],
    [{ timeoutMs: -1 }, "Expected `timeoutMs` to be a number > 0 and ≤ 2147483647, got -1."],
  ])("%o", async (retry, message) => {
    const fetch = createFetch({ fetch: () => expect.unreachable() });
    const call = fetch("http://a.example/", { retry: retry as never });
    await expect(call).rejects.toThrow(new TypeError(message));
  });
});

test("options may be frozen, and a call leaves `init` as it was", async () => {
  const fetch = createFetch(Object.freeze({ fetch: async () => new Response("fine") }));
  const init = Object.freeze({ method: "PUT", body: "x", retry: Object.freeze({ timeoutMs: 50 }) });
  expect(await (await fetch("http://a.example/", init)).text()).toBe("fine");
});
