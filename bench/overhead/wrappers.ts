/**
 * The ways to wrap a call that are compared: ours first in each group, then others' as their own
 * documentation has them. All wrap the same function, which succeeds at once.
 */
import type { RetryOptions } from "../../src/retry/options.ts";

export type Call = () => PromiseLike<unknown>;

export interface Wrapper {
  readonly name: string;
  /** As package.json knows it; none is ourselves. */
  readonly package?: string;
  /** At most so many times as dear as this one may ours be. */
  readonly goal?: number;
  /** Imports only what it needs: each is measured in a process of its own. */
  wrap(): Promise<Call>;
}

export interface Group {
  readonly what: string;
  /** Ours is the first. */
  readonly wrappers: readonly Wrapper[];
}

const TIMEOUT_MS = 2_000;

export const GROUPS: readonly Group[] = [
  {
    what: "With a timeout of 2 s.",
    wrappers: [
      {
        name: "Stormproof, timeoutMs",
        async wrap() {
          const retry = await clientOf({ timeoutMs: TIMEOUT_MS });
          return () => retry(succeed);
        },
      },
      {
        // Interrupts the attempt, as ours does; of the whole call, for p-retry has none for an attempt.
        name: "p-retry, AbortSignal.timeout() as signal",
        package: "p-retry",
        goal: 1,
        async wrap() {
          const { default: pRetry } = await import("p-retry");
          return () => pRetry(succeed, { signal: AbortSignal.timeout(TIMEOUT_MS) });
        },
      },
      {
        name: "p-retry, AbortSignal.timeout() inside",
        package: "p-retry",
        async wrap() {
          const { default: pRetry } = await import("p-retry");
          return () => pRetry(() => succeedWith(AbortSignal.timeout(TIMEOUT_MS)));
        },
      },
      {
        name: "cockatiel, retry around timeout",
        package: "cockatiel",
        async wrap() {
          const cockatiel = await import("cockatiel");
          const { ExponentialBackoff, handleAll, TimeoutStrategy, wrap } = cockatiel;
          const policy = wrap(
            cockatiel.retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
            cockatiel.timeout(TIMEOUT_MS, TimeoutStrategy.Aggressive),
          );
          return () => policy.execute(succeed);
        },
      },
    ],
  },
  {
    what: "Without one.",
    wrappers: [
      {
        name: "Stormproof",
        async wrap() {
          const retry = await clientOf({});
          return () => retry(succeed);
        },
      },
      {
        name: "p-retry",
        package: "p-retry",
        goal: 2,
        async wrap() {
          const { default: pRetry } = await import("p-retry");
          return () => pRetry(succeed);
        },
      },
      {
        name: "cockatiel, retry",
        package: "cockatiel",
        async wrap() {
          const { ExponentialBackoff, handleAll, retry } = await import("cockatiel");
          const policy = retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() });
          return () => policy.execute(succeed);
        },
      },
      {
        name: "async-retry",
        package: "async-retry",
        async wrap() {
          const { default: retry } = await import("async-retry");
          return () => retry(succeed, { retries: 2 });
        },
      },
    ],
  },
  {
    what: "Without one, by who listens.",
    wrappers: [
      {
        name: "nobody",
        async wrap() {
          const retry = await clientOf({});
          return () => retry(succeed);
        },
      },
      {
        name: "nobody, where there is no channel",
        async wrap() {
          Object.assign(process, { getBuiltinModule: undefined });
          const retry = await clientOf({});
          return () => retry(succeed);
        },
      },
      {
        name: "an observer of callEnded",
        async wrap() {
          const retry = await clientOf({ observer: { callEnded: () => {} } });
          return () => retry(succeed);
        },
      },
      {
        name: "a subscriber of the channel",
        async wrap() {
          const { subscribe } = await import("node:diagnostics_channel");
          subscribe("stormproof:call", () => {});
          const retry = await clientOf({});
          return () => retry(succeed);
        },
      },
      {
        name: "retryMetrics, with OpenTelemetry's SDK",
        async wrap() {
          const { MeterProvider } = await import("@opentelemetry/sdk-metrics");
          const { retryMetrics } = await import("../../src/opentelemetry/retry-metrics.ts");
          const observer = retryMetrics(new MeterProvider().getMeter("bench"));
          const retry = await clientOf({ observer });
          return () => retry(succeed);
        },
      },
    ],
  },
  {
    what: "fetch with a timeout of 10 s, around one that answers at once.",
    wrappers: [
      {
        name: "Stormproof, createFetch",
        async wrap() {
          const { createFetch } = await import("../../src/fetch/create-fetch.ts");
          const fetch = createFetch({ fetch: answer, timeoutMs: FETCH_TIMEOUT_MS });
          return () => fetch(URL_TEXT);
        },
      },
      {
        name: "ky",
        package: "ky",
        async wrap() {
          const { default: ky } = await import("ky");
          const fetch = ky.create({ fetch: answer, timeout: FETCH_TIMEOUT_MS });
          return () => fetch(URL_TEXT);
        },
      },
    ],
  },
];

async function clientOf(options: RetryOptions) {
  const { createRetry } = await import("../../src/retry/create-retry.ts");
  return createRetry(options);
}

async function succeed(): Promise<number> {
  return 1;
}

async function succeedWith(_signal: AbortSignal): Promise<number> {
  return 1;
}

const URL_TEXT = "https://api.example.com/items/5";
const FETCH_TIMEOUT_MS = 10_000;

async function answer(): Promise<Response> {
  return new Response(null, { status: 200 });
}
