/** stormproof/opentelemetry: what retry clients do, as metrics and on spans. */
export type { Attributes, Meter, Span, StartedSpan, Tracer } from "./api.ts";
export { ResendCountSpanProcessor } from "./resend-count.ts";
export { retryMetrics } from "./retry-metrics.ts";
export { type TracedOptions, tracedAttempts } from "./traced-attempts.ts";
