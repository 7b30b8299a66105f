/**
 * Whether code runs within an attempt of an outer retry, for inner layers that then make no retries of
 * their own: the outer repeats them anyway.
 *
 * Known by the attempt's signal, where it is handed on, and in Node, Deno and Bun by the asynchronous
 * context. Nothing is noted down until somebody wants to know.
 */

/** A call: once it is over, what it began is an outermost layer again. */
export interface Layer {
  readonly isOver: boolean;
  /** The one it is at, from 1. */
  readonly attempt: number;
}

const bySignal = new WeakMap<AbortSignal, Layer>();

interface Context {
  run<T>(layer: Layer, work: () => T): T;
  getStore(): Layer | undefined;
}

let isWatched = false;
let context: Context | undefined;

/** From now on. */
export function watchLayers(): void {
  if (isWatched) return;
  isWatched = true;
  const { AsyncLocalStorage } = globalThis.process?.getBuiltinModule?.("node:async_hooks") ?? {};
  if (AsyncLocalStorage !== undefined) context = new AsyncLocalStorage<Layer>();
}

/** Runs an attempt of the layer. */
export function runWithin<T>(layer: Layer, work: () => T): T {
  return context === undefined ? work() : context.run(layer, work);
}

/** The signal is of an attempt of the layer. */
export function nameSignal(layer: Layer, signal: AbortSignal): void {
  if (isWatched) bySignal.set(signal, layer);
}

/** The innermost call that is running around this code, or that the signal belongs to. */
export function layerAround(signal: AbortSignal | null | undefined): Layer | undefined {
  const candidates = [signal ? bySignal.get(signal) : undefined, context?.getStore()];
  return candidates.find((layer) => layer?.isOver === false);
}

/** A signal made of an attempt's signal and others is the attempt's too. */
export function inheritLayer(signal: AbortSignal, from: AbortSignal): AbortSignal {
  const layer = bySignal.get(from);
  if (layer !== undefined) bySignal.set(signal, layer);
  return signal;
}
