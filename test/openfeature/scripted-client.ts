/** A client of OpenFeature whose provider does as a test says. */
import type { Answer, OpenFeatureClient, OpenFeatureOptions } from "../../src/openfeature/index.ts";
import { openFeatureFlags } from "../../src/openfeature/index.ts";
import { VirtualClock } from "../virtual-clock.ts";

type Fallback = boolean | number;

export class ScriptedClient implements OpenFeatureClient {
  /** What the next questions are answered with, by key. */
  answer: (key: string, fallback: Fallback) => Answer | Promise<Answer>;
  /** The keys that were asked for. */
  readonly asked: string[] = [];
  readonly #handlers: { readonly event: string; readonly handler: () => void }[] = [];

  constructor(answer: ScriptedClient["answer"] = (_key, value) => ({ value })) {
    this.answer = answer;
  }

  get handlers(): number {
    return this.#handlers.length;
  }

  getBooleanDetails(key: string, fallback: boolean): Answer | Promise<Answer> {
    return this.#ask(key, fallback);
  }

  getNumberDetails(key: string, fallback: number): Answer | Promise<Answer> {
    return this.#ask(key, fallback);
  }

  addHandler(event: string, handler: () => void): void {
    this.#handlers.push({ event, handler });
  }

  removeHandler(event: string, handler: () => void): void {
    const at = this.#handlers.findIndex((one) => one.event === event && one.handler === handler);
    if (at >= 0) this.#handlers.splice(at, 1);
  }

  emit(event: string): void {
    for (const one of this.#handlers) if (one.event === event) one.handler();
  }

  #ask(key: string, fallback: Fallback): Answer | Promise<Answer> {
    this.asked.push(key);
    return this.answer(key, fallback);
  }
}

/** One boolean flag, `automatic-retries`, as "on" and one number, `retryBudgetRatio`, as "ratio". */
export const TWO = {
  booleans: { "automatic-retries": "on" },
  numbers: { retryBudgetRatio: "ratio" },
};

export function flagsOf(client: OpenFeatureClient, options: OpenFeatureOptions = {}) {
  const clock = new VirtualClock(1000);
  const flags = openFeatureFlags(client, { ...TWO, clock, random: () => 0.5, ...options });
  return {
    clock,
    flags,
    isOn: (fallback = true) => flags.current().boolean("automatic-retries", fallback),
    ratio: () => flags.current().number("retryBudgetRatio", 0.1),
  };
}

/** Answers that come when the test says so. */
export function deferred() {
  const open: ((answer: Answer) => void)[] = [];
  return { open, answer: () => new Promise<Answer>((resolve) => open.push(resolve)) };
}
