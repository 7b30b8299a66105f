/** Runs on the express lane, and the lane between them. */
import type { RunEnd } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { type ExpressLane, layExpressLane } from "./express.ts";
import type { SimulationOptions } from "./simulation.ts";

/** Kept from run to run, for it was compiled for its own arrays; undefined while a run is on it. */
let idle: ExpressLane | undefined;

/**
 * Runs a scenario that `fitsExpress` once; see `simulate`.
 *
 * @throws {Error} as `simulate` does
 */
export function simulateExpress(
  options: SimulationOptions,
  lane = laneWithRoom(roomFor(options.scenario)),
): RunEnd {
  idle = undefined;
  lane.begin(options);
  let used = lane;
  let end = used.run();
  while (end === undefined) {
    used = used.widened();
    end = used.run();
  }
  idle = used.room <= ROOM_KEPT ? used : undefined;
  return end;
}

function laneWithRoom(room: number): ExpressLane {
  return idle !== undefined && idle.room >= room ? idle : layExpressLane(room);
}

/**
 * More than any run of the bench needs (a million, of `immediate` in the overload): the first lane that has
 * to be widened is the last one of its thread that V8 compiles for its own arrays.
 */
const ROOM_MIN = 2 ** 21;
const ROOM_MAX = 2 ** 22;
/** What was touched of a larger one had better be given back. */
const ROOM_KEPT = ROOM_MIN;

/** A guess on the safe side: memory that is never touched costs nothing. */
function roomFor({ clients }: Scenario): number {
  const rooms = 2 ** Math.ceil(Math.log2(clients.count));
  return Math.min(ROOM_MAX, Math.max(ROOM_MIN, rooms));
}
