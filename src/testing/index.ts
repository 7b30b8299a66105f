/** stormproof/testing: retries in a test suite, without waits, with an end, and the same every time. */
export type { RecordedDecision } from "./recorded-decision.ts";
export { type TestMode, type TestModeOptions, testMode } from "./test-mode.ts";
