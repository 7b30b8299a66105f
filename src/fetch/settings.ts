/** The options of a retrying fetch with their defaults. */
import type { Clock } from "../clock.ts";
import type { Outcome } from "../policy.ts";
import { classifyError } from "../retry/classify.ts";
import type { AttemptHeaders } from "./attempt-headers.ts";
import { IDEMPOTENT, type IdempotencyKey, randomKey } from "./idempotency.ts";
import type { Fetch, FetchOptions } from "./options.ts";
import { BodyNotRepeatable } from "./request-body.ts";

export interface FetchSettings {
  readonly fetch: Fetch;
  readonly clock: Clock | undefined;
  readonly methods: readonly string[];
  readonly idempotencyKey: IdempotencyKey;
  readonly makeIdempotencyKey: () => string;
  readonly giveUp: "answer" | "error";
  readonly attemptHeaders: AttemptHeaders;
  readonly nested: "once" | "retry";
  readonly replayBytesMax: number | undefined;
  readonly budgetOf: (url: URL) => string;
  readonly classify: (error: unknown) => Outcome;
}

export function settingsOf(options: FetchOptions): FetchSettings {
  const { classify = classifyError, methods = IDEMPOTENT } = options;
  return {
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    clock: options.clock,
    methods: methods.map((method) => method.toUpperCase()),
    idempotencyKey: options.idempotencyKey ?? "when-needed",
    makeIdempotencyKey: options.makeIdempotencyKey ?? randomKey,
    giveUp: options.giveUp ?? "answer",
    attemptHeaders: options.attemptHeaders ?? "same-origin",
    nested: options.nested ?? "once",
    replayBytesMax: options.replayBytesMax,
    budgetOf: options.budgetOf ?? ((url) => url.origin),
    // Its cause, a broken connection, would be worth a retry.
    classify: (error) => (error instanceof BodyNotRepeatable ? { kind: "fatal" } : classify(error)),
  };
}
