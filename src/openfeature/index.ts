/** stormproof/openfeature: feature flags for retry clients, from OpenFeature. */
export type { Answer, OpenFeatureClient } from "./client.ts";
export { type OpenFeatureFlags, openFeatureFlags } from "./open-feature-flags.ts";
export type { OpenFeatureOptions } from "./options.ts";
