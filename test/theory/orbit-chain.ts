/**
 * c workers, no queue, and an orbit from which everybody retries by himself: the exact Markov chain of
 * (in orbit, workers busy), cut off where the orbit is never so large. Rates in mean services.
 */
import { longRunShares } from "./markov-chain.ts";

interface OrbitQueue {
  /** λ ÷ μ */
  readonly traffic: number;
  readonly workers: number;
  /** ν: retries of one who waits, in a mean service. */
  readonly retries: number;
  /** The chance to go (back) into orbit after a rejection. @default 1 */
  readonly persistence?: number;
  readonly orbitMax: number;
}

interface OrbitFigures {
  readonly meanOrbit: number;
  readonly meanBusy: number;
  /** The share of time with all workers busy, which is what first attempts meet. */
  readonly blockedFirst: number;
  /** Rejected attempts ÷ attempts. */
  readonly blocked: number;
  /** Attempts ÷ calls. */
  readonly amplification: number;
  /** Calls that are never served. */
  readonly lost: number;
}

export function orbitQueue(queue: OrbitQueue): OrbitFigures {
  const { traffic, workers, retries, orbitMax } = queue;
  const shares = longRunShares({
    states: (orbitMax + 1) * (workers + 1),
    reach: workers + 1,
    rate: (from, to) => transitionRate(queue, from, to),
  });
  const mean = (of: (orbit: number, busy: number) => number) =>
    shares.reduce((sum, share, state) => {
      const { orbit, busy } = place(state, workers);
      return sum + share * of(orbit, busy);
    }, 0);
  const whenFull = (of: (orbit: number) => number) =>
    mean((orbit, busy) => (busy === workers ? of(orbit) : 0));
  const attempts = mean((orbit) => traffic + orbit * retries);
  const busy = mean((_orbit, busy) => busy);
  return {
    meanOrbit: mean((orbit) => orbit),
    meanBusy: busy,
    blockedFirst: whenFull(() => 1),
    blocked: whenFull((orbit) => traffic + orbit * retries) / attempts,
    amplification: attempts / traffic,
    lost: 1 - busy / traffic,
  };
}

function transitionRate(queue: OrbitQueue, from: number, to: number): number {
  const { traffic, workers, retries, persistence = 1, orbitMax } = queue;
  const { orbit, busy } = place(from, workers);
  const next = place(to, workers);
  const isFull = busy === workers;
  switch (`${next.orbit - orbit} ${next.busy - busy}`) {
    case "0 1":
      return traffic;
    case "0 -1":
      return busy;
    case "-1 1":
      return orbit * retries;
    case "1 0":
      return isFull && orbit < orbitMax ? traffic * persistence : 0;
    case "-1 0":
      return isFull ? orbit * retries * (1 - persistence) : 0;
    default:
      return 0;
  }
}

function place(state: number, workers: number): { orbit: number; busy: number } {
  return { orbit: Math.floor(state / (workers + 1)), busy: state % (workers + 1) };
}
