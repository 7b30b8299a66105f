/** What jars are tried in: what retries are for, and what full jars do. Each column has its own measure. */
import { defineScenario, type Scenario, type ScenarioInput } from "../../src/scenario.ts";
import { scenarios } from "../../src/scenarios/index.ts";

export interface Column {
  readonly head: string;
  readonly scenario: Scenario;
  /**
   * `unmended`: of the calls that rare failures lose without retries, those that stay lost, in %;
   * `answered`: answered share, in %; `recovered`: recovery time, in s.
   */
  readonly measure: "unmended" | "answered" | "recovered";
}

/** 1 failure in 20, as the largest of law 6. */
const rareFailures = (count: number): Partial<ScenarioInput> => ({
  clients: { count },
  runMs: 62_000,
  load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 500 }] },
  faults: [{ kind: "partial", fromMs: 0, untilMs: 1e9, share: 0.05, status: 500 }],
});

/** A fifth fails for five seconds; only calls from those seconds count. */
const roughPatch: Partial<ScenarioInput> = {
  warmUpMs: 15_000,
  runMs: 20_000,
  trigger: undefined,
  faults: [{ kind: "partial", fromMs: 15_000, untilMs: 20_000, share: 0.2, status: 503 }],
};

export const columns: readonly Column[] = [
  { head: "1 call\nunmended", measure: "unmended", scenario: like("steady", rareFailures(30_000)) },
  // Too few to fill a jar, and enough to empty it.
  { head: "6 calls\nunmended", measure: "unmended", scenario: like("steady", rareFailures(5_000)) },
  {
    head: "1,000 calls\nunmended",
    measure: "unmended",
    scenario: like("steady", rareFailures(30)),
  },
  { head: "patch\nanswered", measure: "answered", scenario: like("blip", roughPatch) },
  { head: "blip\nanswered", measure: "answered", scenario: like("blip") },
  { head: "overload\nanswered", measure: "answered", scenario: like("overload") },
  {
    head: "herd\nanswered",
    measure: "answered",
    scenario: like("restart-herd"),
  },
  { head: "slowdown\n200", measure: "recovered", scenario: long("slowdown", 200) },
  { head: "\n20,000", measure: "recovered", scenario: long("slowdown", 20_000) },
  { head: "\n50,000", measure: "recovered", scenario: long("slowdown", 50_000) },
  { head: "surge\n200", measure: "recovered", scenario: long("sign-up-surge", 200) },
  { head: "\n50,000", measure: "recovered", scenario: long("sign-up-surge", 50_000) },
];

/** Five minutes after the trigger: the bench's own runs end too soon to tell a minute from never. */
function long(name: string, count: number): Scenario {
  const untilMs = like(name).trigger?.untilMs ?? 0;
  return like(name, { clients: { count }, runMs: untilMs + 300_000 });
}

function like(name: string, changes: Partial<ScenarioInput> = {}): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined)
    throw new Error(`Expected a scenario of the default set, got "${name}".`);
  return defineScenario({ ...found, ...changes });
}
