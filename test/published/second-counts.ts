/** First attempts and retries as they are sent, second by second. */
import { SilentTrace } from "../../src/trace.ts";

export class SecondCounts extends SilentTrace {
  readonly calls: Float64Array;
  readonly retries: Float64Array;

  constructor(seconds: number) {
    super();
    this.calls = new Float64Array(seconds);
    this.retries = new Float64Array(seconds);
  }

  /** Attempts a second, from one second up to another. */
  load(fromS: number, untilS: number): number {
    let attempts = 0;
    for (let second = fromS; second < untilS; second++) {
      attempts += this.calls[second] + this.retries[second];
    }
    return attempts / (untilS - fromS);
  }

  override requestSent(atUs: number, _client: number, _call: number, attempt: number): void {
    const counts = attempt === 1 ? this.calls : this.retries;
    counts[Math.floor(atUs / 1e6)]++;
  }
}
