/** What it costs that a policy is not built into the simulator: alone in a run, and with seven others. */
import { z } from "zod";
import { ownProgram, ProgramFailure } from "../child.ts";
import { median } from "../median.ts";
import type { Part, RunProgram } from "./part.ts";
import type { PolicyKind } from "./policies/kind.ts";
import type { PoliciesResult } from "./speed-schema.ts";

const PolicyReportSchema = z.strictObject({
  events: z.number(),
  cpuSeconds: z.number(),
  digest: z.string(),
});

type PolicyReport = z.infer<typeof PolicyReportSchema>;
type Round = Readonly<Record<PolicyKind, PolicyReport>>;

export class Policies implements Part {
  readonly programs = 3;
  readonly #clients: number;
  readonly #rounds: Round[] = [];

  constructor(isSmoke: boolean) {
    this.#clients = isSmoke ? 1_000 : 1_000_000;
  }

  async measure(seed: number, run: RunProgram): Promise<void> {
    const module = new URL("./policies-run.ts", import.meta.url);
    const measured = (kind: PolicyKind) =>
      run(ownProgram(module, { kind, clients: this.#clients, seed }), PolicyReportSchema);
    const round: Round = {
      "hard-wired": await measured("hard-wired"),
      one: await measured("one"),
      eight: await measured("eight"),
    };
    if (round["hard-wired"].digest !== round.one.digest) {
      throw new ProgramFailure(
        "Expected the hard-wired policy to make the same storm as the pluggable one, got another: see bench/speed/policies/hard-wired-ask.ts.",
      );
    }
    this.#rounds.push(round);
  }

  result(): PoliciesResult {
    const nanoseconds = ({ cpuSeconds, events }: PolicyReport) => (cpuSeconds / events) * 1e9;
    const over = (value: (round: Round) => number) => median(this.#rounds.map(value));
    const ratio = (kind: PolicyKind) =>
      over((round) => nanoseconds(round[kind]) / nanoseconds(round["hard-wired"]));
    return {
      hardWired: { nanosecondsAnEvent: over((round) => nanoseconds(round["hard-wired"])) },
      one: { nanosecondsAnEvent: over(({ one }) => nanoseconds(one)), ratio: ratio("one") },
      eight: { nanosecondsAnEvent: over(({ eight }) => nanoseconds(eight)), ratio: ratio("eight") },
    };
  }
}
