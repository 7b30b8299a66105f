/** Runs one of the peers that live in Node, in a process of its own. */
import { z } from "zod";
import { taskOf } from "../../child.ts";
import { LengthSchema, WORKLOAD } from "./workload.ts";

export const NodePeer = z.enum(["stormproof", "simjs", "simjs-timers"]);

const { peer, ...length } = taskOf(LengthSchema.extend({ peer: NodePeer }));
const run = await runOf(peer);
process.stdout.write(JSON.stringify(run(WORKLOAD, length)));

/** Loads that one alone: simjs leaves things in the global scope. */
async function runOf(name: z.infer<typeof NodePeer>) {
  switch (name) {
    case "stormproof":
      return (await import("./stormproof.ts")).runStormproof;
    case "simjs":
      return (await import("./simjs.ts")).runSimjs;
    case "simjs-timers":
      return (await import("./simjs-timers.ts")).runSimjsTimers;
  }
}
