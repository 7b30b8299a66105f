/**
 * What is used of an OpenFeature client. Those of `@openfeature/server-sdk`, which answers later, and of
 * `@openfeature/web-sdk`, which answers at once, both have it, so this package needs neither.
 */
export interface OpenFeatureClient {
  getBooleanDetails(key: string, fallback: boolean): Answer | PromiseLike<Answer>;
  getNumberDetails(key: string, fallback: number): Answer | PromiseLike<Answer>;
  addHandler(event: string, handler: () => void): unknown;
  removeHandler(event: string, handler: () => void): unknown;
}

/** What is used of `EvaluationDetails`. */
export interface Answer {
  readonly value: unknown;
  readonly reason?: string;
  readonly errorCode?: string;
}

/**
 * After these, flags may have changed. A provider that is in error or stale has nothing new to say, and
 * is ready again when it has.
 */
export const EVENTS = [
  "PROVIDER_READY",
  "PROVIDER_CONFIGURATION_CHANGED",
  "PROVIDER_CONTEXT_CHANGED",
] as const;
