/** What the wrappers share. A wrapper takes the inner policy first and composes its name. */
import type { Hedge, NumericState, Policy, Question, Wake } from "../src/policy.ts";

export interface Wrapper {
  readonly name: string;
  /** The wrapper's own state; every key carries its prefix. */
  readonly own?: Readonly<NumericState>;
  readonly claim?: Policy["claim"];
  readonly hedges?: Policy["hedges"];
  readonly decide: Policy["decide"];
  /** Instead of the inner one, which it then has to call. */
  readonly observe?: Policy["observe"];
}

/** What the wrapper does not say is as the inner policy has it, also when that is a class instance. */
export function wrap(inner: Policy, { name, own = {}, ...wrapper }: Wrapper): Policy {
  const inside = `Expected the policy inside \`${name}\` to`;
  if (!inner?.initial) {
    const hint = typeof inner === "function" ? " Call it: `fullJitter()`." : "";
    throw new TypeError(`${inside} be a policy, got ${typeof inner}.${hint}`);
  }
  for (const key of Object.keys(own)) {
    if (!(key in inner.initial)) continue;
    // The same wrapper twice would write to one cell with two meanings.
    throw new Error(`${inside} have no state "${key}", got ${inner.name}. Wrap once.`);
  }
  return {
    name: `${name}(${inner.name})`,
    initial: { ...inner.initial, ...own },
    claim: wrapper.claim ?? inner.claim,
    hedges: wrapper.hedges ?? inner.hedges,
    decide: wrapper.decide,
    // Absent if nobody listens, so that drivers need not report.
    observe:
      wrapper.observe ?? (inner.observe && ((state, event) => inner.observe?.(state, event))),
  };
}

/**
 * Whether a retry, or a hedge, leaves now if the policy answers `send`. A timer may fire late: past the
 * deadline nothing is sent, so nothing may be spent.
 */
export function isRetryDue(event: Question): event is Wake | Hedge {
  const isDue =
    event.kind === "hedge" ||
    (event.kind === "wake" && event.attempt >= 1 && event.remainingMs === 0);
  return isDue && (event.deadlineMs === undefined || event.nowMs < event.deadlineMs);
}

/** As `isRetryDue`, for any attempt: the first one too. */
export function isSendDue(event: Question): boolean {
  if (event.kind === "failure" || (event.kind === "wake" && event.remainingMs > 0)) return false;
  return event.deadlineMs === undefined || event.nowMs < event.deadlineMs;
}
