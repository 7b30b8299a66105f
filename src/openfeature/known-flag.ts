/** One flag, as the last good answer has it. */
import type { Answer, OpenFeatureClient } from "./client.ts";

type Value = boolean | number | undefined;

export class KnownFlag {
  readonly #type: "boolean" | "number";
  readonly #key: string;
  /** Undefined: the team has no such flag. */
  value: Value;
  changedAtMs: number | undefined;
  /** Which refresh the value is from, by number; 0: from none. */
  #asOf = 0;

  constructor(type: "boolean" | "number", key: string) {
    this.#type = type;
    this.#key = key;
  }

  ask(client: OpenFeatureClient): Answer | PromiseLike<Answer> {
    return this.#type === "boolean"
      ? client.getBooleanDetails(this.#key, true)
      : client.getNumberDetails(this.#key, Number.NaN);
  }

  /**
   * Whether the value is another now. What is first learnt is no change: `changedAtMs` would say that a
   * flag flipped just as the app began.
   */
  learn(answer: Answer, refresh: number, nowMs: number): boolean {
    if (refresh < this.#asOf || isFailure(answer)) return false;
    const value = this.#valueIn(answer);
    // What is not of the flag's type tells nothing about it.
    if (value === null) return false;
    const isFirst = this.#asOf === 0;
    this.#asOf = refresh;
    if (value === this.value) return false;
    this.value = value;
    if (!isFirst) this.changedAtMs = nowMs;
    return true;
  }

  #valueIn({ value, reason, errorCode }: Answer): Value | null {
    if (errorCode === NOT_FOUND || reason === "DISABLED") return undefined;
    // The fallback that was asked with.
    if (Number.isNaN(value)) return undefined;
    const isOfType = typeof value === this.#type && value !== Infinity && value !== -Infinity;
    return isOfType ? (value as Value) : null;
  }
}

const NOT_FOUND = "FLAG_NOT_FOUND";

/** Then the value is only the fallback that was asked with. */
function isFailure(answer: Answer): boolean {
  if (typeof answer !== "object" || answer === null) return true;
  const { errorCode, reason } = answer;
  return errorCode !== NOT_FOUND && (errorCode !== undefined || reason === "ERROR");
}
