import { describe, expect, test } from "vitest";
import type { Decision } from "../../src/policy.ts";
import { PolicyError } from "../../src/policy-error.ts";
import { asking, retrying, SEND, wait } from "./asking.ts";

describe("an answer that is no decision throws a PolicyError that quotes it", () => {
  const expected =
    '{ do: "send" }, { do: "wait", delayMs } (a finite number ≥ 0) or { do: "stop", why }';

  test.each<[string, unknown, string]>([
    ["nothing", undefined, "undefined"],
    ["null", null, "null"],
    ["a word", "send", '"send"'],
    ["a number", 100, "100"],
    ["true", true, "true"],
    ["an empty object", {}, "{}"],
    ["a list", ["send"], '["send"]'],
    ["a promise", Promise.resolve(SEND), "a promise"],
    ["another verb", { do: "retry" }, '{ do: "retry" }'],
    ["a wait without a delay", { do: "wait" }, '{ do: "wait" }'],
    ["a wait of null", { do: "wait", delayMs: null }, '{ do: "wait", delayMs: null }'],
    ["a wait of a text", { do: "wait", delayMs: "100" }, '{ do: "wait", delayMs: "100" }'],
    ["a wait of a list", { do: "wait", delayMs: [100] }, '{ do: "wait", delayMs: [100] }'],
    ["a wait of true", { do: "wait", delayMs: true }, '{ do: "wait", delayMs: true }'],
    ["a wait of 5n", { do: "wait", delayMs: 5n }, '{ do: "wait", delayMs: 5 }'],
    ["a negative wait", { do: "wait", delayMs: -1 }, '{ do: "wait", delayMs: -1 }'],
    ["a wait of NaN", { do: "wait", delayMs: Number.NaN }, '{ do: "wait", delayMs: NaN }'],
    ["a wait for ever", { do: "wait", delayMs: Infinity }, '{ do: "wait", delayMs: Infinity }'],
    ["a stop without a reason", { do: "stop" }, '{ do: "stop" }'],
    ["a stop for 5", { do: "stop", why: 5 }, '{ do: "stop", why: 5 }'],
    [
      "a deadline of NaN",
      { do: "send", deadlineMs: Number.NaN },
      '{ do: "send", deadlineMs: NaN }',
    ],
    ["a deadline of a text", { do: "send", deadlineMs: "x" }, '{ do: "send", deadlineMs: "x" }'],
    ["a deadline of null", { do: "send", deadlineMs: null }, '{ do: "send", deadlineMs: null }'],
  ])("%s", (_what, answer, quoted) => {
    const { start } = asking(() => answer as Decision);
    expect(start).toThrow(PolicyError);
    expect(start).toThrow(
      `Expected policy "asked" to answer the start of a call with ${expected}, got ${quoted}.`,
    );
  });

  test("and says what was asked", () => {
    const nonsense = null as unknown as Decision;
    const failing = asking(retrying(nonsense));
    failing.start();
    expect(() => failing.fail(1)).toThrow("to answer a failure (attempt 1) with");
    const waking = asking(retrying(wait(5), nonsense));
    waking.start();
    waking.fail(1);
    expect(() => waking.wake(6)).toThrow("to answer a wake (attempt 1) with");
  });
});
