/** Who runs which policy: one for all clients, or cohorts with their own, and new versions as they roll out. */
import { Ask, type AskCounts, noCounts } from "../ask.ts";
import { Cohorts } from "../cohorts.ts";
import { FetchedFlags } from "../fetched-flags.ts";
import { FlagPlan } from "../flags.ts";
import type { NumericState, Policy } from "../policy.ts";
import { KeyedRandom } from "../random.ts";
import type { CohortSpec, Scenario } from "../scenario.ts";
import { trafficsOf } from "../traffic.ts";
import { PolicyStates } from "./policy-states.ts";
import { type Seats, seatsOf } from "./seats.ts";
import type { Version } from "./version.ts";

export interface VersionsOptions {
  readonly scenario: Scenario;
  /** The policy under test. */
  readonly policy: Policy;
  /** The policies that the scenario names. */
  readonly policyOf?: (name: string) => Policy;
  readonly seed: number;
}

export class Versions {
  readonly all: Version[] = [];
  /** Of all versions together. */
  readonly counts: AskCounts = noCounts();
  /** When flags change next, for anybody. */
  nextFlagsMs = Infinity;
  readonly #options: VersionsOptions;
  readonly #draws: KeyedRandom;
  readonly #plans: FlagPlan[] = [];
  #cohorts: Cohorts | undefined;
  /** By cohort: where its versions begin in `all`, the old one first. */
  readonly #firsts: number[] = [];
  /** By traffic: where the versions of its own policy begin in `all`, one a cohort. */
  readonly #ofTraffic: (number | undefined)[] = [];

  constructor(options: VersionsOptions) {
    const { scenario, policy, seed } = options;
    const { cohorts, clients, flags } = scenario;
    this.#options = options;
    this.#draws = new KeyedRandom(seed, "policy");
    const plan = this.#plan(flags);
    if (cohorts.length === 0) this.#add(policy, plan, { clients: clients.count });
    else this.#addCohorts(plan);
    const plans =
      this.#cohorts === undefined ? [plan] : this.#firsts.map((at) => this.all[at].flags);
    for (const { name, policy } of trafficsOf(scenario)) {
      this.#ofTraffic.push(policy === undefined ? undefined : this.all.length);
      if (policy !== undefined) this.#addTraffic(this.#named(`traffic "${name}"`, policy), plans);
    }
  }

  /** One policy and its states for all, but with the flags of each client's cohort. */
  #addTraffic(policy: Policy, plans: readonly Version["flags"][]): void {
    const first = this.all.length;
    this.#add(policy, plans[0], { clients: this.#options.scenario.clients.count });
    for (const flags of plans.slice(1)) this.all.push({ ...this.all[first], flags });
  }

  #addCohorts(plan: Version["flags"]): void {
    const { scenario, policy, seed } = this.#options;
    const policies = scenario.cohorts.map((cohort) => this.#named(whose(cohort), cohort.policy));
    this.#cohorts = new Cohorts(scenario.cohorts, seed);
    const seats = seatsOf(this.#cohorts, [...policies, policy], scenario.clients.count);
    for (const [index, cohort] of scenario.cohorts.entries()) {
      const { flags, rollout } = cohort;
      const own = flags.length === 0 ? plan : this.#plan([...scenario.flags, ...flags]);
      const { clients, places } = seats[index];
      this.#firsts.push(this.all.length);
      this.#add(policies[index], own, seats[index]);
      if (rollout !== undefined)
        this.#add(this.#named(whose(cohort), rollout.policy), own, { clients, places });
    }
    this.#firsts.push(this.all.length);
    this.#add(policy, plan, seats[scenario.cohorts.length]);
  }

  /** The place in `all` of the version that a call has which the client begins now. */
  of(client: number, nowUs: number, traffic = 0): number {
    const own = this.#ofTraffic[traffic];
    if (this.#cohorts === undefined) return own ?? 0;
    const cohort = this.#cohorts.of(client);
    if (own !== undefined) return own + cohort;
    const first = this.#firsts[cohort];
    return this.#cohorts.hasNewVersion(cohort, client, nowUs) ? first + 1 : first;
  }

  /** Makes every change up to `nowMs`; returns the plans in which something changed. */
  changeFlags(nowMs: number): ReadonlySet<Version["flags"]> {
    const changed = this.#plans.filter((plan) => plan.nextAtMs() <= nowMs);
    for (const plan of changed) plan.advance(nowMs);
    this.nextFlagsMs = Math.min(...this.#plans.map((plan) => plan.nextAtMs()));
    return new Set(changed);
  }

  /** The state of the policy under test, each number as its mean over the clients that begin with it; empty if none does. */
  meanState(): NumericState {
    const firsts = this.#cohorts === undefined ? [0] : this.#firsts;
    const tested = firsts
      .map((first) => this.all[first])
      .filter(({ ask, states }) => ask.policy === this.#options.policy && states.clients > 0);
    const clients = tested.reduce((sum, { states }) => sum + states.clients, 0);
    const mean: NumericState = {};
    for (const { states } of tested) {
      for (const [key, value] of Object.entries(states.mean()))
        mean[key] = (mean[key] ?? 0) + (value * states.clients) / clients;
    }
    return mean;
  }

  /** What the client has fetched; undefined where clients know every change at once. */
  fetchedFlagsOf(client: number): FetchedFlags | undefined {
    const first = this.#cohorts === undefined ? 0 : this.#firsts[this.#cohorts.of(client)];
    const { flags } = this.all[first];
    return flags instanceof FetchedFlags ? flags : undefined;
  }

  #plan(changes: Scenario["flags"]): Version["flags"] {
    const { scenario, seed } = this.#options;
    const { count, flagsRefreshMs } = scenario.clients;
    if (flagsRefreshMs !== undefined) {
      return new FetchedFlags(changes, { clients: count, refreshMs: flagsRefreshMs, seed });
    }
    const plan = new FlagPlan(changes);
    this.#plans.push(plan);
    this.nextFlagsMs = Math.min(this.nextFlagsMs, plan.nextAtMs());
    return plan;
  }

  #add(policy: Policy, flags: Version["flags"], seats: Seats): void {
    const ask = new Ask({
      policy,
      random: (client, call, attempt, purpose) =>
        this.#draws.key(client, call, attempt, purpose).next,
      tickMs: this.#options.scenario.tickUs / 1000,
      counts: this.counts,
    });
    this.all.push({ ask, states: new PolicyStates(policy, seats), flags });
  }

  #named(whose: string, name: string | undefined): Policy {
    const { policy, policyOf, scenario } = this.#options;
    if (name === undefined) return policy;
    if (policyOf === undefined) {
      throw new Error(
        `Expected \`policyOf\`, for ${whose} of scenario "${scenario.name}" has policy "${name}", got none.`,
      );
    }
    return policyOf(name);
  }
}

function whose({ name }: CohortSpec): string {
  return `cohort "${name}"`;
}
