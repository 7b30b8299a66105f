/** Who runs which policy: one for all clients, or cohorts with their own, and new versions as they roll out. */
import { Ask, type AskCounts, noCounts } from "../ask.ts";
import { Cohorts } from "../cohorts.ts";
import { FetchedFlags } from "../fetched-flags.ts";
import { FlagPlan } from "../flags.ts";
import type { NumericState, Policy } from "../policy.ts";
import { KeyedRandom } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { trafficsOf } from "../traffic.ts";
import { PolicyStates } from "./policy-states.ts";
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
  /** By traffic: the place in `all` of its own policy. */
  readonly #ofTraffic: (number | undefined)[] = [];

  constructor(options: VersionsOptions) {
    const { scenario, policy, seed } = options;
    const { cohorts, clients, flags } = scenario;
    this.#options = options;
    this.#draws = new KeyedRandom(seed, "policy");
    const plan = this.#plan(flags);
    if (cohorts.length === 0) this.#add(policy, plan, clients.count);
    else this.#addCohorts(plan);
    for (const { name, policy } of trafficsOf(scenario)) {
      this.#ofTraffic.push(policy === undefined ? undefined : this.all.length);
      if (policy !== undefined)
        this.#add(this.#named(`traffic "${name}"`, policy), plan, clients.count);
    }
  }

  #addCohorts(plan: Version["flags"]): void {
    const { scenario, policy, seed } = this.#options;
    const { cohorts, clients, flags } = scenario;
    this.#cohorts = new Cohorts(cohorts, seed);
    const { places, sizes } = seat(this.#cohorts, cohorts.length, clients.count);
    for (const [index, cohort] of cohorts.entries()) {
      const { policy: name, rollout } = cohort;
      const whose = `cohort "${cohort.name}"`;
      const own = cohort.flags.length === 0 ? plan : this.#plan([...flags, ...cohort.flags]);
      this.#firsts.push(this.all.length);
      this.#add(this.#named(whose, name), own, sizes[index], places);
      if (rollout !== undefined)
        this.#add(this.#named(whose, rollout.policy), own, sizes[index], places);
    }
    this.#firsts.push(this.all.length);
    this.#add(policy, plan, sizes[cohorts.length], places);
  }

  /** The place in `all` of the version that a call has which the client begins now. */
  of(client: number, nowUs: number): number {
    if (this.#cohorts === undefined) return 0;
    const cohort = this.#cohorts.of(client);
    const first = this.#firsts[cohort];
    return this.#cohorts.hasNewVersion(cohort, client, nowUs) ? first + 1 : first;
  }

  /** The place in `all` of the policy that all calls of that traffic have; undefined: of their client's. */
  ofTraffic(traffic: number): number | undefined {
    return this.#ofTraffic[traffic];
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

  #add(policy: Policy, flags: Version["flags"], clients: number, places?: Int32Array): void {
    const ask = new Ask({
      policy,
      random: (client, call, attempt, purpose) =>
        this.#draws.key(client, call, attempt, purpose).next,
      tickMs: this.#options.scenario.tickUs / 1000,
      counts: this.counts,
    });
    this.all.push({ ask, states: new PolicyStates(policy, clients, places), flags });
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

/** Numbers the members of each cohort, so that a policy's states lie side by side, and only of its clients. */
function seat(cohorts: Cohorts, rest: number, clients: number) {
  const places = new Int32Array(clients);
  const sizes = new Array<number>(rest + 1).fill(0);
  for (let client = 0; client < clients; client++) places[client] = sizes[cohorts.of(client)]++;
  return { places, sizes };
}
