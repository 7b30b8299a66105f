/** docs/model-theory.md: each model's formulas beside the simulator. */
import type { Expectation, Experiment, Model } from "./experiment.ts";
import { models } from "./models.ts";
import { COMPARISONS, CONFIDENCE, type Result, resultsOf, SEEDS, SEEDS_BROKEN } from "./results.ts";

export function theoryPage(): string {
  return [HEAD, ...models.map(section)].join("\n");
}

const HEAD = `# The simulator beside queueing theory

Written by \`test/theory\`, which fails when the value of a formula lies outside the interval of what the
simulator measured. Each line is the mean of ${SEEDS} runs, and its t interval. If the simulator is right, all
${COMPARISONS} intervals hold their value with a chance of ${100 * CONFIDENCE} % (Bonferroni's correction); if it is 5 % off (the
service longer, failures more frequent, stays longer than told), ${SEEDS_BROKEN} runs are enough to catch it in
every line, which the tests show. The intervals cover chance only.

Times are in mean services and rates per mean service, so μ = 1, unless said. A service takes 20 ms in the
mean, the network 1 µs each way, and a first tenth of each run is not looked at.
`;

function section({ name, formula, source, experiments }: Model): string {
  const rows = experiments.flatMap(rowsOf);
  return `## ${name}

${formula}.
Source: ${source}.

${[COLUMNS, COLUMNS.map(() => "---"), ...rows].map(line).join("\n")}
`;
}

const signed = new Intl.NumberFormat("en-US", {
  signDisplay: "exceptZero",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

const COLUMNS = ["setting", "figure", "theory", "simulated", "difference"];

function rowsOf(experiment: Experiment): string[][] {
  const results = resultsOf(experiment);
  return Object.entries(experiment.theory).map(([figure, expectation]) => [
    experiment.setting,
    figure,
    ...cells(expectation, results[figure]),
  ]);
}

function cells({ value }: Expectation, { mean, halfWidth }: Result): string[] {
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))));
  return [
    value.toFixed(digits),
    `${mean.toFixed(digits)} ± ${halfWidth.toFixed(digits)}`,
    `${signed.format((100 * (mean - value)) / value).replace("-", "−")} %`,
  ];
}

function line(texts: readonly string[]): string {
  return `| ${texts.join(" | ")} |`;
}
