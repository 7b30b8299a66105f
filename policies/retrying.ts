/**
 * Composes a policy from parts, in the order in which one says it: what is inside first. The result is a
 * policy after every step, and any `(inner, options) => policy` is a part, one of your own too.
 *
 * ```ts
 * import { budgeted, deadline, fullJitter, hedged, retryAfter, retrying } from "stormproof/policies";
 *
 * const policy = retrying(fullJitter({ attemptsMax: 4 }))
 *   .with(hedged)
 *   .with(budgeted, { ratio: 0.1 })
 *   .with(deadline, { limitMs: 8_000 })
 *   .with(retryAfter);
 * policy.name; // => "retry-after(deadline(budgeted(hedged(full-jitter))))"
 * ```
 *
 * The order, from the inside:
 *
 * 1. What waits: a backoff with its jitter and its attempts.
 * 2. What sends more than that (`hedged`), and what refuses calls (`circuitBreaker`,
 *    `adaptiveThrottling`). Who refuses may stand further out too: what one part stops, no part notes down
 *    as sent.
 * 3. `budgeted`, outside of all that sends more: it pays for what passes through it, and what stands
 *    outside sends without tokens.
 * 4. `deadline`, anywhere: the driver applies it to everything.
 * 5. `retryAfter`, outside of all that changes waits, for what it answers is the earliest moment allowed.
 * 6. `killSwitch` last, so that it has the last word.
 *
 * A part of your own, which changes waits and so belongs inside:
 *
 * ```ts
 * import { budgeted, fullJitter, retryAfter, retrying } from "stormproof/policies";
 * import type { Policy } from "stormproof";
 *
 * const shorter = (inner: Policy, { factor }: { factor: number }): Policy => ({
 *   ...inner,
 *   name: `shorter(${inner.name})`,
 *   decide(state, event, random) {
 *     const decision = inner.decide(state, event, random);
 *     return decision.do === "wait" ? { ...decision, delayMs: decision.delayMs * factor } : decision;
 *   },
 * });
 *
 * const policy = retrying(fullJitter()).with(shorter, { factor: 0.5 }).with(budgeted).with(retryAfter);
 * policy.name; // => "retry-after(budgeted(shorter(full-jitter)))"
 * ```
 */
import type { Policy } from "../src/policy.ts";

export interface Retrying extends Policy {
  /** The same inside `wrapper`, which is called with it and the options. */
  with<Options extends readonly unknown[]>(
    wrapper: (inner: Policy, ...options: Options) => Policy,
    ...options: NoInfer<Options>
  ): Retrying;
}

export function retrying(policy: Policy): Retrying {
  const { name, initial, claim, hedges, observe } = policy;
  // Named one by one, as it may be a class instance; the type sees to it that none is forgotten.
  const all: { readonly [Field in keyof Required<Policy>]: Policy[Field] } = {
    name,
    initial,
    claim,
    hedges,
    decide: (state, event, random) => policy.decide(state, event, random),
    observe: observe && ((state, event) => policy.observe?.(state, event)),
  };
  return { ...all, with: (wrapper, ...options) => retrying(wrapper(policy, ...options)) };
}
