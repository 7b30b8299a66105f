/** Which rows of a recording fall into a run, and in what order. */

/** In memory of which worker threads need no copy. */
export function shared(length: number, value: (index: number) => number): Float64Array {
  const bytes = length * Float64Array.BYTES_PER_ELEMENT;
  const values = new Float64Array(new SharedArrayBuffer(bytes));
  for (let index = 0; index < length; index++) values[index] = value(index);
  return values;
}

export function earliest(times: Float64Array): number {
  return times.reduce((min, time) => Math.min(min, time), Infinity);
}

/** In whole microseconds, as simulated time is: what is finer is noise of the float64 that a date is. */
export function sinceMs(time: number, zeroMs: number): number {
  return Math.round((time - zeroMs) * 1_000) / 1_000;
}

/** The rows whose times are in the run, by time; rows of one time stay in the order of the file. */
export function rowsInRun(times: Float64Array, zeroMs: number, runMs: number): Uint32Array {
  const isInRun = (time: number) => sinceMs(time, zeroMs) >= 0 && sinceMs(time, zeroMs) < runMs;
  const rows = new Uint32Array(times.length);
  let count = 0;
  let isSorted = true;
  for (const [row, time] of times.entries()) {
    if (!isInRun(time)) continue;
    if (count > 0 && time < times[rows[count - 1]]) isSorted = false;
    rows[count++] = row;
  }
  const inRun = rows.subarray(0, count);
  // A server's log has the order in which requests ended, and logs of several servers take turns.
  return isSorted ? inRun : inRun.sort((a, b) => times[a] - times[b]);
}

/** The clients of these rows, numbered anew from 0 in the order in which they first call. */
export function renumbered(clients: Float64Array, rows: Uint32Array): Float64Array {
  const numbers = new Map<number, number>();
  return shared(rows.length, (index) => {
    const client = clients[rows[index]];
    const number = numbers.get(client) ?? numbers.size;
    numbers.set(client, number);
    return number;
  });
}
