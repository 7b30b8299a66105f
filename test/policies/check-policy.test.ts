import { describe, expect, test } from "vitest";
import { checkPolicy } from "../../policies/check-policy.ts";
import { registry } from "../../policies/index.ts";

const send = () => ({ do: "send" });
const fine = { name: "fine", initial: {}, decide: send };

test.each(Object.keys(registry))("%s is a policy", (name) => {
  const policy = registry[name as keyof typeof registry].make({
    attemptsMax: 3,
    delayBaseMs: 100,
    delayMaxMs: 20_000,
    budgetRatio: 0.1,
    budgetTokensMax: 10,
    deadlineMs: 5000,
  });
  expect(checkPolicy(policy)).toBe(policy);
});

test("so is an object that has its methods from a class", () => {
  class Sends {
    readonly name = "sends";
    readonly initial = {};
    decide = send;
  }
  expect(checkPolicy(new Sends())).toBeInstanceOf(Sends);
});

describe("anything else is refused by what is wrong with it", () => {
  test.each([
    [5, "Expected a policy to be an object with `name`, `initial` and `decide`, got 5."],
    [send, /^Expected a policy to be an object with `name`, `initial` and `decide`, got \(\)/],
    [{ ...fine, name: "" }, 'Expected a policy\'s `name` to be a word, got "".'],
    [
      { ...fine, initial: undefined },
      'Expected `initial` of policy "fine" to be an object of numbers, got undefined.',
    ],
    [
      { ...fine, initial: [1] },
      'Expected `initial` of policy "fine" to be an object of numbers, got an array.',
    ],
    [
      { ...fine, initial: { lastMs: -Infinity } },
      'Expected `initial.lastMs` of policy "fine" to be a finite number, got -Infinity.',
    ],
    [
      { ...fine, initial: { tokens: "10" } },
      'Expected `initial.tokens` of policy "fine" to be a finite number, got "10".',
    ],
    [
      { ...fine, decide: undefined },
      'Expected `decide` of policy "fine" to be a function, got undefined.',
    ],
    [{ ...fine, observe: 1 }, 'Expected `observe` of policy "fine" to be a function, got 1.'],
    [
      { ...fine, claim: 10 },
      'Expected `claim` of policy "fine" to be { burstPerClient, ratio, perSecond }, got 10.',
    ],
    [
      { ...fine, claim: { burstPerClient: 1, ratio: -0.1, perSecond: 0 } },
      'Expected `claim.ratio` of policy "fine" to be a finite number ≥ 0, got -0.1.',
    ],
  ])("%o", (value, message) => {
    expect(() => checkPolicy(value)).toThrow(TypeError);
    expect(() => checkPolicy(value)).toThrow(message);
  });
});
