/** What there is to choose from. */
import { registry } from "../policies/index.ts";
import { namedScenarios } from "./scenario-choice.ts";
import { plainTable } from "./table.ts";
import { wrap } from "./wrap.ts";

export function list(columns: number): string {
  const named = namedScenarios.map(({ name, shows }) => [name, shows]);
  const policies = Object.entries(registry).map(([name, { about }]) => [name, about]);
  return [
    table("scenario", "what it shows", named, columns),
    table("policy", "what it does", policies, columns),
  ].join("\n");
}

function table(name: string, about: string, rows: readonly string[][], columns: number): string {
  const width = Math.max(...rows.map(([first]) => first.length)) + 2;
  const wrapped = rows.map(([first, text]) => [first, wrap(text, Math.max(20, columns - width))]);
  return `${plainTable([name, about], wrapped)}\n`;
}
