/** The same queue in other simulators: how fast each of them is, and whether it simulates the same. */
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { ownProgram, type Program } from "../child.ts";
import { median } from "../median.ts";
import type { Part, RunProgram } from "./part.ts";
import { disagreements, measuredIn } from "./peers/agreement.ts";
import type { NodePeer } from "./peers/run.ts";
import type { InstalledSimPy } from "./peers/simpy.ts";
import { type Length, type PeerReport, PeerReportSchema, WORKLOAD } from "./peers/workload.ts";
import type { PeerResult } from "./speed-schema.ts";

/** What the goals compare with. */
export const SIMPY = "SimPy, processes";
export const SIMJS = "simjs, a facility";

interface Peer {
  readonly name: string;
  /** So long that each runs for some seconds. */
  readonly batchSeconds: number;
  program(length: Length): Program;
}

/** Many times what a queue of 50 places remembers. */
const WARM_UP_SECONDS = 5;
const BATCHES = 20;

export class Peers implements Part {
  readonly #peers: readonly Peer[];
  /** A report of each peer a round. */
  readonly #rounds: PeerReport[][] = [];

  constructor(simPy: InstalledSimPy | undefined, isSmoke: boolean) {
    const peers = peersWith(simPy);
    this.#peers = isSmoke ? peers.map((peer) => ({ ...peer, batchSeconds: 1 })) : peers;
  }

  get programs(): number {
    return this.#peers.length;
  }

  /** One after the other, on the same seed. */
  async measure(seed: number, run: RunProgram): Promise<void> {
    const reports: PeerReport[] = [];
    for (const { batchSeconds, program } of this.#peers) {
      const length = { seed, warmUpSeconds: WARM_UP_SECONDS, batches: BATCHES, batchSeconds };
      reports.push(await run(program(length), PeerReportSchema));
    }
    this.#rounds.push(reports);
  }

  results(): PeerResult[] {
    const rounds = this.#rounds;
    const measured = this.#peers.map(({ batchSeconds }, index) => {
      const batches = rounds.flatMap((reports) => reports[index].batches);
      return measuredIn(batches, batchSeconds);
    });
    const perSecond = ({ events, cpuSeconds }: PeerReport) => events / cpuSeconds;
    return this.#peers.map(({ name }, index) => ({
      name,
      version: rounds[0][index].version,
      eventsPerSecond: median(rounds.map((reports) => perSecond(reports[index]))),
      ratio: median(rounds.map((reports) => perSecond(reports[0]) / perSecond(reports[index]))),
      ...measured[index],
      disagreements: disagreements(measured[0], measured[index]),
    }));
  }
}

/** Ourselves first. Who is there twice was given the form of its manual, and the fastest that was found. */
function peersWith(simPy: InstalledSimPy | undefined): Peer[] {
  return [
    nodePeer("Stormproof", "stormproof", 500),
    ...(simPy === undefined ? [] : simPyPeers(simPy)),
    nodePeer(SIMJS, "simjs", 40),
    nodePeer("simjs, bare timers", "simjs-timers", 80),
  ];
}

function nodePeer(name: string, peer: z.infer<typeof NodePeer>, batchSeconds: number): Peer {
  const module = new URL("./peers/run.ts", import.meta.url);
  return { name, batchSeconds, program: (length) => ownProgram(module, { peer, ...length }) };
}

function simPyPeers({ python, generation }: InstalledSimPy): Peer[] {
  const peer = (name: string, file: string, batchSeconds: number): Peer => {
    const path = fileURLToPath(new URL(`./peers/${file}`, import.meta.url));
    const task = (length: Length) => JSON.stringify({ ...WORKLOAD, ...length });
    return {
      name,
      batchSeconds,
      program: (length) => ({ command: python, args: [path, task(length)] }),
    };
  };
  if (generation === 2) return [peer(SIMPY, "simpy2_processes.py", 10)];
  return [
    peer(SIMPY, "simpy_processes.py", 10),
    peer("SimPy, bare callbacks", "simpy_callbacks.py", 20),
  ];
}
