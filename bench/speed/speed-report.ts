/** The whole text that `pnpm bench:speed` prints. */
import { whole } from "../numbers.ts";
import { plainTable } from "../table.ts";
import { wrap } from "../wrap.ts";
import { MEASURES } from "./peers/workload.ts";
import type {
  Goal,
  PeerResult,
  PoliciesResult,
  SizeResult,
  Speed,
  WorkersResult,
} from "./speed-schema.ts";

export function speedReport(speed: Speed, columns: number): string {
  const { peers, sizes, policies, workers, goals, skipped, machine, rounds, smoke } = speed;
  const sections = [
    smoke ? "Smoke: everything once and tiny. No number means anything." : "",
    peers.length === 0 ? "" : peersText(peers, columns),
    ...skipped.map((sentence) => wrap(sentence, columns, "  ")),
    sizes.length === 0 ? "" : sizesText(sizes, columns),
    policies === null ? "" : policiesText(policies, columns),
    workers === null ? "" : workersText(workers),
    goalsText(goals),
    wrap(
      `Node ${machine.node} on ${machine.cores} cores of ${machine.cpu}; median of ${rounds} interleaved ${rounds === 1 ? "round" : "rounds"}. Nanoseconds and events a second are of processor time, over all threads. Trust the ratios: all else is this machine's.`,
      columns,
    ),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function peersText(peers: readonly PeerResult[], columns: number): string {
  const rows = peers.map(
    ({ name, version, eventsPerSecond, ratio, lossShare, responseMs, disagreements }, index) => [
      `${name} ${version}`,
      whole(eventsPerSecond),
      index === 0 ? "" : times(ratio),
      `${(lossShare.mean * 100).toFixed(2)} %`,
      `${responseMs.mean.toFixed(1)} ms`,
      index === 0 ? "" : disagreements.length === 0 ? "yes" : `NO: ${disagreements.join(", ")}`,
    ],
  );
  return [
    wrap(
      "The same queue in other simulators: M/M/10/60 at 1.1 times its capacity, five attempts a call, full jitter between them.",
      columns,
    ),
    "",
    plainTable(
      [
        "simulator",
        "events per\nCPU second",
        "Stormproof\nis faster",
        "calls\nlost",
        "response\ntime",
        "agrees",
      ],
      rows,
    ),
    "",
    wrap(
      `An event is an attempt that reaches the server, a service that begins, or one that ends. Agrees: the 95 % intervals of ${MEASURES.length} measures overlap with ours (calls lost, throughput, attempts per call, response time).`,
      columns,
      "  ",
    ),
  ].join("\n");
}

function sizesText(sizes: readonly SizeResult[], columns: number): string {
  const rows = sizes.map((size) => [
    whole(size.clients),
    whole(size.eventsOfRun),
    secondsText(size.secondsOfRun),
    secondsText(size.cpuSecondsOfRun),
    size.nanosecondsAnEvent.toFixed(0),
    whole(size.bytesAClient),
    `${(size.peakBytes / 1e6).toFixed(0)} MB`,
    `${size.gcPauseMs.toFixed(1)} ms`,
  ]);
  return [
    wrap("The sign-up surge with ever more clients, each run in a process of its own.", columns),
    "",
    plainTable(
      [
        "clients",
        "events",
        "time",
        "CPU\ntime",
        "ns an\nevent",
        "bytes a\nclient",
        "peak\nmemory",
        "longest\nGC pause",
      ],
      rows,
    ),
    "",
    wrap(
      "An event: a call begins, a request reaches the server, work is done, a client has its answer or waits for it no longer, a wait ends. Bytes: peak memory without that of a run with one client.",
      columns,
      "  ",
    ),
    ...disturbanceNote(sizes, columns),
  ].join("\n");
}

/** With less the two clocks say the same. */
const DISTURBED_SHARE = 0.1;

function disturbanceNote(sizes: readonly SizeResult[], columns: number): string[] {
  const sum = (value: (size: SizeResult) => number) =>
    sizes.reduce((total, size) => total + value(size), 0);
  const share = 1 - sum((size) => size.cpuSecondsOfRun) / sum((size) => size.secondsOfRun);
  if (share < DISTURBED_SHARE) return [];
  const percent = (share * 100).toFixed(0);
  return [
    wrap(
      `The machine was busy: for ${percent} % of the time other work had the processor, so times and pauses are longer than the run's own.`,
      columns,
      "  ",
    ),
  ];
}

function secondsText(seconds: number): string {
  return `${seconds.toFixed(seconds < 10 ? 3 : 1)} s`;
}

function policiesText({ hardWired, one, eight }: PoliciesResult, columns: number): string {
  const row = (what: string, nanoseconds: number, ratio?: number) => [
    what,
    nanoseconds.toFixed(0),
    ratio === undefined ? "" : times(ratio),
  ];
  return [
    wrap("The surge with its policy built into the simulator, and with pluggable ones.", columns),
    "",
    plainTable(
      ["policies", "ns an\nevent", "of the\nfirst"],
      [
        row("one, built in", hardWired.nanosecondsAnEvent),
        row("the same, pluggable", one.nanosecondsAnEvent, one.ratio),
        row("eight with state, pluggable", eight.nanosecondsAnEvent, eight.ratio),
      ],
    ),
  ].join("\n");
}

function workersText({ oneSeconds, twoSeconds, ratio }: WorkersResult): string {
  return `The same runs on one worker thread in ${oneSeconds.toFixed(1)} s, on two in ${twoSeconds.toFixed(1)} s: ${times(ratio)}.`;
}

const BOUNDS = { "at least": "≥", "at most": "≤", below: "<" } as const;

function goalsText(goals: readonly Goal[]): string {
  const rows = goals.map(({ what, bound, goal, unit, measured, isMet }) => [
    what,
    `${BOUNDS[bound]} ${goal} ${unit}`,
    measured === null ? "not measured" : `${digits(measured)} ${unit}`,
    isMet === null ? "" : isMet ? "met" : "MISSED",
  ]);
  return plainTable(["what", "goal", "measured", ""], rows);
}

function times(ratio: number): string {
  return `${digits(ratio)} ×`;
}

/** Three of them. */
function digits(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
