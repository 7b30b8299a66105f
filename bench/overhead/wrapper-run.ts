/** Calls through one wrapper, over and over, in a process of its own. */
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { taskOf } from "../child.ts";
import { cpuSeconds } from "../stopwatch.ts";
import { type Call, GROUPS } from "./wrappers.ts";

const TaskSchema = z.strictObject({
  group: z.int().min(0),
  wrapper: z.int().min(0),
  /** Of processor time each. */
  warmUpSeconds: z.number().positive(),
  seconds: z.number().positive(),
});

const CALLS_A_TURN = 10;
const TURNS_A_LOOK = 100;

const { group, wrapper, warmUpSeconds, seconds } = taskOf(TaskSchema);
const call = await GROUPS[group].wrappers[wrapper].wrap();
await callFor(warmUpSeconds, call);
process.stdout.write(JSON.stringify(await callFor(seconds, call)));

async function callFor(atLeastSeconds: number, call: Call) {
  const from = cpuSeconds();
  let calls = 0;
  let spent = 0;
  do {
    for (let n = 0; n < CALLS_A_TURN * TURNS_A_LOOK; n++) {
      await call();
      // Whatever a call leaves for later is part of its cost: signals and timers to be collected.
      if (++calls % CALLS_A_TURN === 0) await setImmediate();
    }
    spent = cpuSeconds() - from;
  } while (spent < atLeastSeconds);
  return { calls, cpuSeconds: spent };
}
