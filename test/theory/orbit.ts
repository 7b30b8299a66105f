/** The policy of the retrial queues: it waits, memoryless, and tries again. */
import type { Policy } from "../../src/policy.ts";

interface OrbitOptions {
  /** Retries a second of one who waits: ν. */
  readonly perSecond: number;
  /** The chance to try again after a rejection, each time anew. @default 1, for ever */
  readonly persistence?: number;
}

export function orbit({ perSecond, persistence = 1 }: OrbitOptions): Policy {
  return {
    name: "orbit",
    initial: {},
    decide(_state, event, random) {
      if (event.kind !== "failure") return { do: "send" };
      if (random() >= persistence) return { do: "stop", why: "attempts" };
      return { do: "wait", delayMs: (-1000 * Math.log(1 - random())) / perSecond };
    },
  };
}
