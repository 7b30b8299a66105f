import { createRetry } from "stormproof";
import { type Meter, retryMetrics } from "stormproof/opentelemetry";

const names: string[] = [];
const instrument = (name: string) => ({ add: () => names.push(name), record: () => {} });
/** As the meter of @opentelemetry/sdk-metrics. */
const meter: Meter = {
  createCounter: instrument,
  createHistogram: instrument,
  createGauge: instrument,
};
const retry = createRetry({ observer: retryMetrics(meter) });
await retry(() => "fine");
console.log(names.join(" ")); // => stormproof.attempts stormproof.calls
