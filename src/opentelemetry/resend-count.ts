import { resendsAround, watchLayers } from "../retry/layers.ts";
import { RESEND_COUNT, SPAN_KIND_CLIENT, type StartedSpan } from "./api.ts";

/**
 * Says on the spans of HTTP requests, whichever instrumentation makes them, how often they were sent
 * before: `http.request.resend_count`, 1 on the first retry. Instrumentations do not know of retries.
 *
 * A span belongs to the attempt whose function it starts in, however deep, also where `retryFetch` makes
 * one attempt within each of an outer `retry`. In Node, Deno and Bun; elsewhere nothing tells them apart.
 *
 * @example
 * ```ts
 * import { TracerProvider } from "@opentelemetry/sdk-trace";
 * import { ResendCountSpanProcessor } from "stormproof/opentelemetry";
 *
 * const provider = new TracerProvider({
 *   spanProcessors: [new ResendCountSpanProcessor()], // and the one that exports
 * });
 * provider.getTracer("app").startSpan("GET").end();
 * ```
 */
export class ResendCountSpanProcessor {
  constructor() {
    watchLayers();
  }

  onStart(span: StartedSpan): void {
    if (span.kind !== SPAN_KIND_CLIENT || !isHttp(span)) return;
    const resends = resendsAround();
    if (resends > 0) span.setAttribute(RESEND_COUNT, resends);
  }

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

/** By the semantic conventions of today, or of before 2024. */
function isHttp({ attributes }: StartedSpan): boolean {
  return "http.request.method" in attributes || "http.method" in attributes;
}
