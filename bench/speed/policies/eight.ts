/** Eight policies with state, and a ninth that deals them out to the clients of one run. */
import {
  budgeted,
  decorrelatedJitter,
  equalJitter,
  exponential,
  fixed,
  fullJitter,
  immediate,
  retryAfter,
  vetted,
} from "../../../policies/index.ts";
import type { Policy } from "../../../src/policy.ts";

const EIGHT: readonly Policy[] = [
  ...[immediate, fixed, exponential, equalJitter, fullJitter, decorrelatedJitter].map((make) =>
    budgeted(make()),
  ),
  retryAfter(budgeted(fullJitter())),
  vetted(),
];

/** Which of the eight a client has: 0 until its first call draws one. */
const WHICH = "eight.which";

export function eightInOne(): Policy {
  return {
    name: "eight",
    initial: { ...Object.assign({}, ...EIGHT.map(({ initial }) => initial)), [WHICH]: 0 },
    decide(state, event, random) {
      if (state[WHICH] === 0) state[WHICH] = 1 + Math.floor(random() * EIGHT.length);
      return EIGHT[state[WHICH] - 1].decide(state, event, random);
    },
    observe(state, event) {
      EIGHT[state[WHICH] - 1].observe?.(state, event);
    },
  };
}
