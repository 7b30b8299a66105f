/** What the simulator has to reach, beside what it did. */
import { SIMJS, SIMPY } from "./peers.ts";
import type {
  Goal,
  PeerResult,
  PoliciesResult,
  SizeResult,
  WorkersResult,
} from "./speed-schema.ts";
import { CLIENTS_MAX } from "./surge.ts";

export interface Figures {
  readonly peers: readonly PeerResult[];
  readonly sizes: readonly SizeResult[];
  /** Of the cost of an event, from 100,000 clients to all. */
  readonly growth: number | null;
  readonly policies: PoliciesResult | null;
  readonly workers: WorkersResult | null;
}

export function goalsOf({ peers, sizes, growth, policies, workers }: Figures): Goal[] {
  const ratioTo = (name: string) => peers.find((peer) => peer.name === name)?.ratio;
  const whole = sizes.find(({ clients }) => clients === CLIENTS_MAX);
  const pauses = sizes.map(({ gcPauseMs }) => gcPauseMs);
  return [
    goal("events a second, of SimPy's with processes", "at least", 40, "×", ratioTo(SIMPY)),
    goal("events a second, of simjs' with a facility", "at least", 8, "×", ratioTo(SIMJS)),
    goal("cost of an event, 40,000,000 clients to 100,000", "below", 2, "×", growth),
    goal(
      "longest pause for garbage collection",
      "at most",
      10,
      "ms",
      pauses.length === 0 ? null : Math.max(...pauses),
    ),
    // No less than a quiet machine takes on the wall's clock; on a busy one that clock counts others' work.
    goal("40,000,000 clients: processor time", "at most", 60, "s", whole?.cpuSecondsOfRun),
    goal("40,000,000 clients: peak memory", "below", 1.5, "GB", whole && whole.peakBytes / 1e9),
    goal(
      "cost of an event, eight policies to one built in",
      "at most",
      1.3,
      "×",
      policies?.eight.ratio,
    ),
    goal("speed of two workers, of one's", "at least", 1.7, "×", workers?.ratio),
  ];
}

function goal(
  what: string,
  bound: Goal["bound"],
  value: number,
  unit: Goal["unit"],
  measured: number | null = null,
): Goal {
  return {
    what,
    bound,
    goal: value,
    unit,
    measured,
    isMet: measured === null ? null : isMet(bound, value, measured),
  };
}

function isMet(bound: Goal["bound"], value: number, measured: number): boolean {
  switch (bound) {
    case "at least":
      return measured >= value;
    case "at most":
      return measured <= value;
    case "below":
      return measured < value;
  }
}
