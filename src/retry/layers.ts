/**
 * Whether code runs within an attempt of an outer retry, for inner layers that then make no retries of
 * their own: the outer repeats them anyway.
 *
 * Known by the attempt's signal, where it is handed on, and in Node, Deno and Bun by the asynchronous
 * context. Nothing is noted down until somebody wants to know.
 */

/** An attempt of a call, or a session reset before one. */
export interface Layer {
  /**
   * From then on what it left behind is an outermost layer again: when its call is over, but never if it
   * was cut short, for then nobody waits for what it still does.
   */
  readonly isOver: boolean;
  /** Its number, from 1. */
  readonly attempt: number;
}

const bySignal = new WeakMap<AbortSignal, Layer>();

/** The innermost attempt, and those around it. */
interface Around {
  readonly layer: Layer;
  readonly outer: Around | undefined;
}

interface Context {
  run<T>(around: Around, work: () => T): T;
  getStore(): Around | undefined;
}

let isWatched = false;
let context: Context | undefined;

/** From now on. */
export function watchLayers(): void {
  if (isWatched) return;
  isWatched = true;
  const { AsyncLocalStorage } = globalThis.process?.getBuiltinModule?.("node:async_hooks") ?? {};
  if (AsyncLocalStorage !== undefined) context = new AsyncLocalStorage<Around>();
}

/** Runs what the attempt does. */
export function runWithin<T>(layer: Layer, work: () => T): T {
  return context === undefined ? work() : context.run({ layer, outer: context.getStore() }, work);
}

/** The signal is the attempt's. */
export function nameSignal(layer: Layer, signal: AbortSignal): void {
  if (isWatched) bySignal.set(signal, layer);
}

/** The innermost attempt that this code runs in, or that the signal belongs to. */
export function layerAround(signal: AbortSignal | null | undefined): Layer | undefined {
  const candidates = [signal ? bySignal.get(signal) : undefined, context?.getStore()?.layer];
  return candidates.find((layer) => layer?.isOver === false);
}

/** How many attempts the calls around this code had made before those that it runs in; 0 in browsers. */
export function resendsAround(): number {
  let resends = 0;
  for (let at = context?.getStore(); at !== undefined; at = at.outer) {
    if (!at.layer.isOver) resends += at.layer.attempt - 1;
  }
  return resends;
}

/** A signal made of an attempt's signal and others is the attempt's too. */
export function inheritLayer(signal: AbortSignal, from: AbortSignal): AbortSignal {
  const layer = bySignal.get(from);
  if (layer !== undefined) bySignal.set(signal, layer);
  return signal;
}
