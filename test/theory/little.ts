/**
 * Little's law, L = λW, as somebody beside the system measures it: the number there, averaged over
 * time, against the arrivals a second and the mean stay. It assumes nothing of the system, so it is
 * tried where no other formula reaches: overload, skewed service, last in first out, timeouts that
 * leave late work, retries with jitter.
 */
import { fullJitter } from "../../policies/full-jitter.ts";
import { defineScenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { SilentTrace } from "../../src/trace.ts";
import { experiment, type Model, SLIP } from "./experiment.ts";
import { Population } from "./population.ts";

const PER_SECOND = 200;

const world = defineScenario({
  name: "little",
  shows: "Nothing that has a formula of its own.",
  runMs: 25_000,
  warmUpMs: 4_000,
  patienceMs: 60_000,
  clients: { count: 500, timeoutMs: 250 },
  load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: PER_SECOND }] },
  server: {
    workers: [{ fromMs: 0, workers: 3 }],
    service: { distribution: "lognormal", meanMs: 20, sigma: 1 },
    queue: { places: 40, order: "lifo" },
    rejection: { status: 503, costMs: 2 },
  },
});

/** Who comes, who is there, and for how long: of those who come in the window, the whole stay. */
class Stays {
  readonly present: Population;
  readonly #fromUs: number;
  readonly #untilUs: number;
  #arrived = 0;
  #stayedUs = 0;

  constructor(fromUs: number, untilUs: number) {
    this.#fromUs = fromUs;
    this.#untilUs = untilUs;
    this.present = new Population(fromUs, untilUs);
  }

  add(arrivedUs: number, stayUs: number): void {
    if (arrivedUs < this.#fromUs || arrivedUs >= this.#untilUs) return;
    this.#arrived++;
    this.#stayedUs += stayUs;
  }

  /** L ÷ (λW), where λ is what came, or what the scenario says must come. */
  ratio(perSecond = this.#arrived / this.#seconds()): number {
    const meanStaySeconds = this.#stayedUs / this.#arrived / 1e6;
    return this.present.mean() / (perSecond * meanStaySeconds);
  }

  #seconds(): number {
    return (this.#untilUs - this.#fromUs) / 1e6;
  }
}

class LittleTrace extends SilentTrace {
  readonly calls: Stays;
  readonly requests: Stays;
  readonly waits: Stays;
  readonly #slip: number;
  readonly #sentUs = new Map<number, number>();

  /** `slip`: by how much the stays told are longer than the true ones. */
  constructor(slip: number) {
    super();
    this.#slip = slip;
    const stays = () => new Stays(world.warmUpMs * 1000, world.runMs * 1000);
    this.calls = stays();
    this.requests = stays();
    this.waits = stays();
  }

  override callStarted(atUs: number): void {
    this.calls.present.change(atUs, 1);
  }

  override callEnded(
    atUs: number,
    _client: number,
    _call: number,
    _attempts: number,
    startedUs: number,
  ): void {
    this.calls.present.change(atUs, -1);
    this.calls.add(startedUs, (atUs - startedUs) * this.#slip);
  }

  override requestSent(atUs: number, client: number, call: number, attempt: number): void {
    this.requests.present.change(atUs, 1);
    this.#sentUs.set(callKey(client, call), atUs);
    if (attempt > 1) this.waits.present.change(atUs, -1);
  }

  override requestEnded(atUs: number, client: number, call: number): void {
    const key = callKey(client, call);
    const sentUs = Number(this.#sentUs.get(key));
    this.#sentUs.delete(key);
    this.requests.present.change(atUs, -1);
    this.requests.add(sentUs, (atUs - sentUs) * this.#slip);
  }

  override waitStarted(
    atUs: number,
    _client: number,
    _call: number,
    _attempt: number,
    delayUs: number,
  ): void {
    this.waits.present.change(atUs, 1);
    this.waits.add(atUs, delayUs * this.#slip);
  }
}

function callKey(client: number, call: number): number {
  return client * 2 ** 32 + call;
}

function ratios(seed: number, slip: number) {
  const trace = new LittleTrace(slip);
  simulate({ scenario: world, policy: fullJitter({ attemptsMax: 4 }), seed, trace });
  return {
    "calls under way, at the scenario's rate": trace.calls.ratio(PER_SECOND),
    "requests that wait for their answer": trace.requests.ratio(),
    "callers between two attempts": trace.waits.ratio(),
  };
}

const slipped = { value: 1, mistake: { what: "stays 5 % shorter than told", value: 1 / SLIP } };

export const little: Model = {
  name: "Little's law",
  formula: "L ÷ (λW) = 1",
  source: "Little, Operations Research 9(3), 1961, https://doi.org/10.1287/opre.9.3.383",
  experiments: [
    experiment({
      setting: "overload, lognormal service, LIFO, timeouts, full jitter",
      world,
      theory: {
        "calls under way, at the scenario's rate": slipped,
        "requests that wait for their answer": slipped,
        "callers between two attempts": slipped,
      },
      measure: (_world, seed) => ratios(seed, 1),
      measureBroken: (seed) => ratios(seed, SLIP),
    }),
  ],
};
