/** How closely moments crowd together: the measure of laws 4 and 7. */

/** The longest time is taken as at least this, so that nobody is asked to spread over nothing. */
const SPAN_MIN_MS = 200;
const WINDOWS = 20;
const SHARE_MAX = 3 / 20;
const SIGMAS = 4;

/**
 * Says in words which twentieth of the span, wherever it begins, holds more than 3/20 of the moments
 * plus 4 standard deviations of chance; undefined if none does.
 */
export function crowding(momentsMs: readonly number[], spanMs: number): string | undefined {
  const widthMs = Math.max(SPAN_MIN_MS, spanMs) / WINDOWS;
  const count = momentsMs.length;
  const allowed = count * SHARE_MAX + SIGMAS * Math.sqrt(count * SHARE_MAX * (1 - SHARE_MAX));
  const sorted = Float64Array.from(momentsMs).sort();
  let from = 0;
  for (let to = 0; to < count; to++) {
    while (sorted[to] - sorted[from] > widthMs) from++;
    const inside = to - from + 1;
    if (inside > allowed) {
      return `${inside} of ${count} within ${widthMs.toFixed(0)} ms, where ${Math.floor(allowed)} are allowed`;
    }
  }
  return undefined;
}
