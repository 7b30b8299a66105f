/** Feeds a meter by hand, in milliseconds. */
import { type RunFigures, RunMeter } from "../../src/measure/run-figures.ts";
import { defineScenario, type Scenario, type ScenarioInput } from "../../src/scenario.ts";

export function scenarioOf(input: Partial<ScenarioInput> = {}): Scenario {
  return defineScenario({
    name: "measured",
    shows: "Figures worked out by hand.",
    runMs: 60_000,
    patienceMs: 1_000,
    load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 100 }] },
    ...input,
  });
}

export class Feed {
  readonly meter: RunMeter;

  constructor(scenario: Scenario) {
    this.meter = new RunMeter(scenario);
  }

  /** A call that begins then, sends its requests then, and is answered after so long, or never. */
  call(fromMs: number, answeredAfterMs: number | undefined, attempts = 1, resetRequests = 0): this {
    this.meter.callStarted(fromMs * 1000);
    for (let part = 1; part <= resetRequests; part++) this.request(fromMs, part);
    for (let attempt = 1; attempt <= attempts; attempt++) this.request(fromMs, 0);
    const endMs = fromMs + (answeredAfterMs ?? 500);
    const end = answeredAfterMs === undefined ? "attempts" : "answered";
    this.meter.callEnded(endMs * 1000, 0, 1, attempts, fromMs * 1000, end);
    return this;
  }

  request(atMs: number, part = 0): this {
    this.meter.requestSent(atMs * 1000, 0, 1, 1, part);
    return this;
  }

  get figures(): RunFigures {
    return this.meter.figures();
  }
}
