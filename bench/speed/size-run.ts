/** One size of the surge in a process of its own: nobody else's heap, peak or code is measured. */
import { z } from "zod";
import { budgeted, fullJitter } from "../../policies/index.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { taskOf } from "../child.ts";
import { timed } from "../stopwatch.ts";
import { CountedMeter } from "./counted-meter.ts";
import { surgeOf } from "./surge.ts";

const TaskSchema = z.strictObject({
  clients: z.int().min(1),
  seed: z.int(),
  /** A small run is repeated, on other seeds, until there were so many. */
  eventsMin: z.number(),
});

const { clients, seed, eventsMin } = taskOf(TaskSchema);
const scenario = surgeOf(clients);
// With full jars of ten these clients, of whom each calls once or twice, would retry as if unbudgeted.
const policy = budgeted(fullJitter(), { tokensMax: 1 });
let [runs, events, peakBytes] = [0, 0, 0];

const { cost } = await timed(() => {
  do {
    const meter = new CountedMeter(scenario);
    simulate({ scenario, policy, seed: seed + runs, trace: meter, attemptsBound: Infinity });
    events += meter.events;
    // Of one run: what the next ones leave to the garbage collector is no client's.
    if (runs++ === 0) peakBytes = process.resourceUsage().maxRSS * 1024;
  } while (events < eventsMin);
});

process.stdout.write(JSON.stringify({ runs, events, peakBytes, ...cost }));
