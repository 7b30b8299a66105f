/** What a retrying dispatcher is made of. */
import { type Checks, oneOf } from "../check-options.ts";
import { FETCH_CHECKS, type FetchOptions } from "../fetch/options.ts";

/** As `FetchOptions`, without what undici itself says: which dispatcher sends, and what a body is. */
export interface InterceptorOptions
  extends Omit<FetchOptions, "fetch" | "replayBytesMax" | "attemptHeaders"> {
  /** Whether requests say which attempt they are, and how long their sender waits. Default: "always". */
  readonly attemptHeaders?: "always" | "never";
}

const { fetch, replayBytesMax, ...SHARED } = FETCH_CHECKS;

export const INTERCEPTOR_CHECKS: Checks<InterceptorOptions> = {
  ...SHARED,
  attemptHeaders: oneOf("always", "never"),
};
