/** stormproof/undici: an undici dispatcher, with retries that do not feed a storm. */

export { stopOf } from "../retry/given-up.ts";
export { RetryStopped } from "../retry/retry-stopped.ts";
export type { InterceptorOptions } from "./options.ts";
export { RejectedAnswer } from "./rejected-answer.ts";
export { retryInterceptor } from "./retry-interceptor.ts";
