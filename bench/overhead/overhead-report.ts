/** The whole text that `pnpm bench:overhead` prints. */
import { whole } from "../numbers.ts";
import { plainTable } from "../table.ts";
import { wrap } from "../wrap.ts";
import type { Overhead, WrapperResult } from "./overhead-schema.ts";

export function overheadReport(overhead: Overhead, columns: number): string {
  const { groups, smoke, machine, rounds } = overhead;
  const sections = [
    smoke ? "Smoke: everything once and tiny. No number means anything." : "",
    "What it costs to wrap a call that succeeds at once.",
    ...groups.map(({ what, wrappers }) => `${what}\n\n${plainTable(HEAD, wrappers.map(rowOf))}`),
    wrap(
      `Node ${machine.node} on ${machine.cores} cores of ${machine.cpu}; median of ${rounds} interleaved ${rounds === 1 ? "round" : "rounds"}, and the range of them. Nanoseconds are of processor time, over all threads, the collection of what a call leaves behind included. Trust the ratios: all else is this machine's.`,
      columns,
    ),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

const HEAD = ["wrapper", "ns a\ncall", "Stormproof's\nof it", "range", "goal", ""];

function rowOf(wrapper: WrapperResult, index: number): string[] {
  const { name, version, nanosecondsACall, ratio, goal, isMet } = wrapper;
  const cells = [`${name} (${version})`, whole(nanosecondsACall)];
  if (index === 0) return [...cells, "", "", "", ""];
  return [
    ...cells,
    `${ratio.median.toFixed(2)} ×`,
    `${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)}`,
    goal === null ? "" : `≤ ${goal} ×`,
    isMet === null ? "" : isMet ? "met" : "MISSED",
  ];
}
