/**
 * simjs 2 (MIT), an event simulator for browsers: its build exports nothing and leaves its classes in
 * `window`, so it is given one. It brings no types; these are the parts used here.
 *
 * @see https://github.com/btelles/simjs-updated
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

export interface Request {
  done(
    callback: (...facts: number[]) => void,
    context?: object,
    facts?: readonly number[],
  ): Request;
}

export interface Facility {
  readonly free: number;
}

export declare class EntityClass {
  constructor(sim: SimClass, name?: string);
  /** What the facility says to a callback: −1 when the queue was full. */
  readonly callbackMessage: number;
  time(): number;
  setTimer(seconds: number): Request;
  useFacility(facility: Facility, seconds: number): Request;
}

declare class SimClass {
  addEntity(kind: typeof EntityClass): EntityClass;
  simulate(endSeconds: number): boolean;
}

interface Library {
  readonly Sim: typeof SimClass;
  readonly Entity: typeof EntityClass;
  readonly Facility: {
    readonly FCFS: number;
    new (name: string, discipline: number, servers: number, places: number): Facility;
  };
  readonly Random: new (seed: number) => { random(): number; exponential(rate: number): number };
}

const require = createRequire(import.meta.url);

function load(): Library {
  const window: { readonly Sim?: Library } = {};
  Object.assign(globalThis, { window });
  require("simjs");
  if (window.Sim === undefined) throw new Error("Expected simjs to leave its classes in `window`.");
  return window.Sim;
}

export const { Sim, Entity, Facility, Random } = load();

export function simjsVersion(): string {
  return JSON.parse(readFileSync(require.resolve("simjs/package.json"), "utf8")).version;
}
