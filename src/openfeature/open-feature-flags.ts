/** The flags of a retry client, from a client of OpenFeature. */
import { unrefClock } from "../clock.ts";
import type { Flags } from "../policy.ts";
import { systemRandom } from "../random.ts";
import type { FlagSource } from "../retry/flag-source.ts";
import { type Answer, EVENTS, type OpenFeatureClient } from "./client.ts";
import type { KnownFlag } from "./known-flag.ts";
import { checkOpenFeature, flagsOf, type OpenFeatureOptions } from "./options.ts";
import { Refresher } from "./refresher.ts";

export interface OpenFeatureFlags extends FlagSource {
  /** Leaves no timer and no handler; what is known stays. */
  close(): void;
}

/**
 * The flags of a retry client, from a client of OpenFeature (https://openfeature.dev). Policies read what
 * was last known, at once; it is refreshed in the background, when the provider announces a change and
 * every `refreshMs`. A provider that fails, hangs or throws changes nothing; until its first answer every
 * flag has the policy's fallback.
 *
 * - A flag that the provider does not know, or that is disabled, has the policy's fallback; so has a
 *   number that is none. A value of another type is ignored.
 * - An answer that comes late never takes the place of one that was asked for later.
 * - The provider is asked at most once in 100 ms, and again only when it has answered or `timeoutMs` passed.
 *
 * @throws {TypeError} when an option is wrong
 * @example
 * ```ts
 * import { OpenFeature, TypedInMemoryProvider } from "@openfeature/server-sdk";
 * import { createRetry } from "stormproof";
 * import { openFeatureFlags } from "stormproof/openfeature";
 * import { vetted } from "stormproof/policies";
 *
 * const variants = { on: true, off: false };
 * const provider = new TypedInMemoryProvider({
 *   "checkout-retries": { variants, defaultVariant: "off", disabled: false },
 * });
 * await OpenFeature.setProviderAndWait(provider);
 *
 * const flags = openFeatureFlags(OpenFeature.getClient(), {
 *   booleans: { "automatic-retries": "checkout-retries" },
 * });
 * const retry = createRetry({ policy: vetted(), flags });
 *
 * await OpenFeature.getClient().getBooleanValue("checkout-retries", true); // => false
 * const busy = () => Promise.reject(Object.assign(new Error("busy"), { status: 503 }));
 * await retry(busy).catch((error) => [error.why, error.attempts]); // => ["flag", 1]
 * flags.close();
 * ```
 */
export function openFeatureFlags(
  client: OpenFeatureClient,
  options: OpenFeatureOptions = {},
): OpenFeatureFlags {
  checkOpenFeature(client, options);
  const flags = flagsOf(options);
  const { clock = unrefClock, random = systemRandom } = options;
  const { refreshMs = 30_000, timeoutMs = 5_000 } = options;
  const snapshot = snapshotOf(flags);
  const listeners = new Set<() => void>();
  let isClosed = false;

  function learn(flag: KnownFlag, answer: Answer, number: number): void {
    if (isClosed || !flag.learn(answer, number, clock.nowMs())) return;
    for (const onChange of [...listeners]) onChange();
  }

  function ask(flag: KnownFlag, number: number): PromiseLike<void> | undefined {
    try {
      const answer = flag.ask(client);
      if ("then" in answer) return answer.then((later) => learn(flag, later, number));
      learn(flag, answer, number);
    } catch {
      // What is known stays.
    }
    return undefined;
  }

  function refresh(number: number): Promise<unknown> | undefined {
    const pending = [...flags.values()].map((flag) => ask(flag, number));
    return pending.every((one) => one === undefined) ? undefined : Promise.allSettled(pending);
  }

  const refresher = new Refresher({ clock, random, refreshMs, timeoutMs, refresh });
  const onEvent = () => refresher.request();
  for (const event of EVENTS) client.addHandler(event, onEvent);
  // A provider that is ready has called the handler already.
  if (refresher.number === 0) refresher.request();

  return {
    current: () => snapshot,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    close() {
      isClosed = true;
      refresher.close();
      for (const event of EVENTS) client.removeHandler(event, onEvent);
    },
  };
}

function snapshotOf(flags: ReadonlyMap<string, KnownFlag>): Flags {
  return {
    boolean(name, fallback) {
      const value = flags.get(name)?.value;
      return typeof value === "boolean" ? value : fallback;
    },
    number(name, fallback) {
      const value = flags.get(name)?.value;
      return typeof value === "number" ? value : fallback;
    },
    changedAtMs: (name) => flags.get(name)?.changedAtMs,
  };
}
