/**
 * What is used of OpenTelemetry's API, by shape: so this package depends on no version of it
 * (https://opentelemetry.io/docs/specs/otel).
 */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

interface InstrumentOptions {
  readonly description: string;
  readonly unit: string;
  readonly advice?: { explicitBucketBoundaries: number[] };
}

export interface Meter {
  createCounter(
    name: string,
    options: InstrumentOptions,
  ): { add(value: number, attributes: Attributes): void };
  createHistogram(
    name: string,
    options: InstrumentOptions,
  ): { record(value: number, attributes: Attributes): void };
  createGauge(
    name: string,
    options: InstrumentOptions,
  ): { record(value: number, attributes: Attributes): void };
}

export interface Span {
  setAttribute(key: string, value: string | number): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

export interface Tracer {
  startActiveSpan<Result>(
    name: string,
    options: { kind: number; attributes: Attributes },
    work: (span: Span) => Result,
  ): Result;
}

/** A span as its SDK hands it to span processors. */
export interface StartedSpan {
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  setAttribute(key: string, value: number): unknown;
}

export const SPAN_KIND_CLIENT = 2;
export const STATUS_ERROR = 2;

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans */
export const RESEND_COUNT = "http.request.resend_count";
