/** The grain of simulated time. */

/** Far below a tick, and far above the noise of float64: 16.1 ms are 16,100 µs, not 16,101. */
const NOISE_TICKS = 1e-6;

/** Microseconds rounded up to whole ticks, so that nothing comes earlier than asked. */
export function roundUpToTick(us: number, tickUs: number): number {
  return Math.max(0, Math.ceil(us / tickUs - NOISE_TICKS)) * tickUs;
}
