/** The run is not what it says it is: its trace means nothing. */
export class LaneError extends Error {
  override readonly name = "LaneError";

  constructor(nowUs: number, what: string) {
    super(`In the MSW lane at ${nowUs / 1000} ms, ${what}.`);
  }
}
