/**
 * The simulator: many clients, under one policy or several, against one server, in simulated time; and of a
 * chain, each layer, whose clients are the instances of the layer above.
 *
 * Within a tick the order is fixed, as the MSW lane has the same: flags, faults, capacity changes,
 * finishes, arrivals at the server, answers at clients, timeouts, wakes, new calls; ties by client,
 * call, attempt and part, and of new calls by traffic first. All layers below go before that: what they answer frees workers here.
 */
import type { AskCounts } from "../ask.ts";
import { Agenda } from "../events/agenda.ts";
import { EventQueue } from "../events/event-queue.ts";
import { TimingWheel } from "../events/timing-wheel.ts";
import { askHedge, hedgeInTicks } from "../hedge.ts";
import { Load } from "../load.ts";
import type { Decision, NumericState, Outcome, Policy, Send } from "../policy.ts";
import type { CallCounts, RunEnd } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { ANSWERS, REMOTE_PLACES, RemoteServer } from "../server/remote-server.ts";
import { roundUpToTick } from "../ticks.ts";
import type { CallEnd, Trace } from "../trace.ts";
import { type Traffic, trafficOf, trafficsOf } from "../traffic.ts";
import { Attempts, TIMEOUT } from "./attempts.ts";
import type { CallWindow } from "./call-window.ts";
import { ASKING, AT_TURN, CallsInFlight, IN_LINE, WAITING } from "./calls-in-flight.ts";
import { fitsExpress, mayHedge } from "./fits-express.ts";
import { FLAG_FETCHES, FlagFetches } from "./flag-fetches.ts";
import { HeldRequests } from "./held-requests.ts";
import { optionsBelow, policyBelow } from "./layer-below.ts";
import { RecipientLines } from "./recipient-lines.ts";
import { Rounds } from "./rounds.ts";
import { simulateExpress } from "./simulate-express.ts";
import type { Version } from "./version.ts";
import { Versions } from "./versions.ts";

export interface SimulationOptions {
  readonly scenario: Scenario;
  /** The policy under test. */
  readonly policy: Policy;
  readonly seed: number;
  readonly trace: Trace;
  /** The run is cut when so many attempts were sent; default 100 million. */
  readonly attemptsBound?: number;
  /** When to look at the policy's state, such as the tokens that clients hold as the trigger begins. */
  readonly stateAtMs?: number;
  /** Finds the policies that the scenario names; needed only when it names any. */
  readonly policyOf?: (name: string) => Policy;
  /** What the layers of `downstream` report to, in their order; default: nobody listens. */
  readonly downstreamTraces?: readonly Trace[];
}

/**
 * Runs the scenario once.
 *
 * @throws {Error} when the scenario names a policy, and `policyOf` is missing or knows none of that name
 * @throws {PolicyError} when the policy answers with something that is not a decision
 * @throws {Error} when conservation is broken: a defect of the simulator
 */
export function simulate(options: SimulationOptions): RunEnd {
  const isPlain = fitsExpress(options.scenario) && !mayHedge(options);
  return isPlain ? simulateExpress(options) : simulateGenerally(options);
}

/** Any scenario; the parity tests hold `simulateExpress` to it. */
export function simulateGenerally(options: SimulationOptions): RunEnd {
  return new Simulation(options).run();
}

class Simulation {
  readonly #trace: Trace;
  readonly #who: Versions;
  readonly #versions: readonly Version[];
  readonly #mayHedge: boolean;
  readonly #counts: AskCounts;
  /** Undefined where every client knows every change at once. */
  readonly #fetches: FlagFetches | undefined;
  readonly #traffics: readonly Traffic[];
  /** By traffic. */
  readonly #loads: readonly Load[];
  readonly #remote: RemoteServer;
  readonly #calls = new CallsInFlight();
  /** By traffic; undefined where no call waits for another. */
  readonly #lines: readonly (RecipientLines | undefined)[];
  readonly #agenda: Agenda;
  /** Of requests, by slot. */
  readonly #timeouts: EventQueue;
  readonly #attempts: Attempts;
  readonly #rounds: Rounds;
  /** Of calls, by slot. */
  readonly #wakes: TimingWheel;
  readonly #tickUs: number;
  readonly #endUs: number;
  readonly #attemptsBound: number;
  readonly #stateAtUs: number;
  /** Of a layer with others above it. */
  readonly #held: HeldRequests | undefined;
  readonly #below: Simulation | undefined;
  #belowAtUs = Number.POSITIVE_INFINITY;
  /** Sent by all layers below. */
  #attemptsBelow = 0;
  readonly #isOver = (atUs: number, request: number) => this.#isTimeoutOver(atUs, request);

  constructor(options: SimulationOptions, policy = options.policy, held?: HeldRequests) {
    const { scenario, seed, trace, attemptsBound = 100_000_000 } = options;
    this.#held = held;
    this.#trace = trace;
    this.#tickUs = scenario.tickUs;
    this.#who = new Versions({ ...options, policy });
    this.#versions = this.#who.all;
    this.#mayHedge = this.#versions.some(({ ask }) => ask.policy.hedges === true);
    this.#counts = this.#who.counts;
    this.#traffics = trafficsOf(scenario);
    this.#agenda = new Agenda(CALLS + this.#traffics.length);
    this.#wakes = new TimingWheel(this.#calls.precedes, { agenda: this.#agenda, place: WAKES });
    this.#planFirst();
    this.#loads = this.#traffics.map((_, traffic) => this.#makeLoad(traffic, options));
    this.#lines = this.#traffics.map(
      ({ recipients }) => recipients && new RecipientLines(recipients.count, seed),
    );
    this.#remote = new RemoteServer(
      scenario,
      seed,
      (atUs, serviceUs, late, request) =>
        trace.served(atUs, serviceUs, late || this.#isForNobody(request)),
      { agenda: this.#agenda, place: SERVER },
      scenario.downstream.length === 0
        ? undefined
        : (atUs, request) => this.#callBelow(atUs, request),
    );
    this.#below = this.#makeBelow(options);
    this.#planBelow();
    this.#timeouts = new EventQueue(this.#remote.requests.precedes, {
      agenda: this.#agenda,
      place: TIMEOUTS,
    });
    this.#attempts = new Attempts(scenario, {
      remote: this.#remote,
      timeouts: this.#timeouts,
      trace,
      answered: (nowUs, slot, call, dropped) => {
        if (call.rides < 0) this.#succeed(nowUs, slot, call, dropped);
        else this.#succeedFirst(nowUs, slot, call, dropped);
      },
      failed: (nowUs, slot, call, outcome) => {
        if (call.rides < 0) this.#fail(nowUs, slot, call, outcome);
        else this.#failOneOf(nowUs, slot, call, outcome);
      },
      sent: (nowUs, _slot, { rides }) => {
        this.#calls.at(rides).waitFromMs = nowUs / 1000;
        this.#planHedge(this.#rounds.sent(nowUs, rides), rides);
      },
    });
    this.#rounds = new Rounds(this.#calls, this.#attempts);
    if (scenario.clients.flagsRefreshMs !== undefined) {
      this.#fetches = new FlagFetches(scenario, {
        flagsOf: (client) => this.#who.fetchedFlagsOf(client),
        remote: this.#remote,
        timeouts: this.#timeouts,
        trace,
      });
    }
    this.#endUs = (scenario.runMs + scenario.patienceMs) * 1000;
    this.#attemptsBound = attemptsBound;
    this.#stateAtUs = (options.stateAtMs ?? Infinity) * 1000;
  }

  run(): RunEnd {
    let nowUs = 0;
    let cut = false;
    let meanState: NumericState | undefined;
    for (;;) {
      const place = this.#agenda.first();
      const nextUs = this.#agenda.dueUs[place];
      // Between ticks only, where the MSW lane looks too.
      const attempts = this.#counts.attempts + this.#attemptsBelow;
      cut = nextUs > nowUs && attempts >= this.#attemptsBound;
      if (cut || nextUs > this.#endUs) break;
      if (nextUs >= this.#stateAtUs) meanState ??= this.#who.meanState();
      nowUs = nextUs;
      this.#step(place, nowUs);
    }
    const endUs = cut ? nowUs : this.#endUs;
    // Nothing may have happened since.
    if (this.#stateAtUs <= endUs) meanState ??= this.#who.meanState();
    this.#end(endUs);
    const end = { cut, endUs, ...this.#counts, meanState };
    return this.#below === undefined ? end : { ...end, downstream: this.#downstreamCounts() };
  }

  /** @throws {Error} when the books do not balance, here or below */
  #end(endUs: number): void {
    this.#endUnfinished(endUs);
    this.#remote.check(endUs);
    const { attempts } = this.#counts;
    const { ended } = this.#attempts;
    if (ended !== attempts) {
      throw new Error(`Conservation broken: ${attempts} attempts were sent, ${ended} ended.`);
    }
    if (this.#below !== undefined) this.#below.#end(endUs);
  }

  #makeLoad(traffic: number, { scenario, seed }: SimulationOptions): Load {
    const { states } = this.#versions[this.#who.of(0, 0, traffic)];
    return new Load(scenario, seed, {
      traffic,
      agenda: this.#agenda,
      place: CALLS + traffic,
      touch: (ids, from, to) => states.touch(ids, from, to),
    });
  }

  #makeBelow(options: SimulationOptions): Simulation | undefined {
    const [next] = options.scenario.downstream;
    if (next === undefined) return undefined;
    const below = optionsBelow(options);
    const held = new HeldRequests(this.#remote, this.#held, next.caller, below.seed);
    return new Simulation(below, policyBelow(options), held);
  }

  /** What the layer below has to do first, or one further down. */
  #stepBelow(nowUs: number): void {
    const below = this.#below;
    if (below === undefined) return;
    below.#step(below.#agenda.first(), nowUs);
    this.#planBelow();
  }

  #planBelow(): void {
    const below = this.#below;
    if (below === undefined) return;
    this.#belowAtUs = below.#agenda.dueUs[below.#agenda.first()];
    this.#attemptsBelow = below.#counts.attempts + below.#attemptsBelow;
    this.#planFirst();
  }

  /** A worker here has done its part of that request, and is held until the call below has ended. */
  #callBelow(nowUs: number, request: number): void {
    const below = this.#below;
    if (below === undefined) return;
    below.#callFor(nowUs, request);
    this.#planBelow();
  }

  #callFor(nowUs: number, request: number): void {
    const held = this.#held;
    if (held === undefined) return;
    const client = held.instanceOf(request);
    const slot = this.#calls.begin(client, held.nextCallOf(client));
    held.callStarted(slot, request);
    const call = this.#calls.at(slot);
    this.#trace.callStarted(nowUs, client, call.call);
    this.#startCall(nowUs, slot, call);
  }

  #isForNobody(request: number): boolean {
    if (this.#held === undefined) return false;
    return this.#held.isForNobody(this.#remote.requests.owner(request));
  }

  #downstreamCounts(): readonly CallCounts[] {
    const below = this.#below;
    return below === undefined ? [] : [below.#counts, ...below.#downstreamCounts()];
  }

  #step(place: number, nowUs: number): void {
    if (place >= CALLS) this.#beginCall(nowUs, place - CALLS);
    else if (place === SERVER + ANSWERS) this.#answer(nowUs, this.#remote.takeAnswer(nowUs));
    else if (place === TIMEOUTS) this.#timeout(nowUs);
    else if (place === WAKES) this.#wake(nowUs);
    else if (place === FIRST) this.#doFirst(nowUs);
    else this.#remote.advance(nowUs);
  }

  #planFirst(): void {
    const flagsUs = this.#inTicks(this.#who.nextFlagsMs * 1000);
    this.#agenda.dueUs[FIRST] = Math.min(flagsUs, this.#belowAtUs);
  }

  #doFirst(nowUs: number): void {
    if (this.#belowAtUs === nowUs) this.#stepBelow(nowUs);
    else this.#changeFlags(nowUs);
  }

  /** Every call that waits, and whose flags change, is asked again in this tick. */
  #changeFlags(nowUs: number): void {
    const changed = this.#who.changeFlags(nowUs / 1000);
    this.#planFirst();
    for (const slot of this.#calls.inOrder()) {
      const call = this.#calls.at(slot);
      if (call.stage !== WAITING || !changed.has(this.#versions[call.version].flags)) continue;
      call.isWoken = true;
      this.#wakes.push(nowUs, slot);
    }
  }

  #answer(nowUs: number, request: number): void {
    const { requests } = this.#remote;
    requests.done(request);
    if (requests.hasLeft(request)) return;
    requests.leave(request);
    const end = this.#remote.endOf(request);
    const slot = requests.owner(request);
    if (slot === FLAG_FETCHES) {
      this.#fetches?.answered(nowUs, request, end);
      return;
    }
    this.#attempts.requestEnded(nowUs, request, slot, this.#calls.at(slot), end);
  }

  #succeed(
    nowUs: number,
    slot: number,
    call: CallWindow,
    dropped: boolean,
    sentMs = call.waitFromMs,
  ): void {
    const { ask, states, flags } = this.#versions[call.version];
    ask.success(call, states.of(call.client), nowUs / 1000, flags.of(call.client), sentMs);
    this.#endCall(nowUs, slot, call, dropped ? "dropped" : "answered");
  }

  #timeout(nowUs: number): void {
    const { requests } = this.#remote;
    const request = this.#timeouts.pop();
    if (this.#isTimeoutOver(nowUs, request)) {
      this.#timeouts.skip(this.#isOver);
      return;
    }
    const slot = requests.owner(request);
    if (slot === FLAG_FETCHES) {
      this.#fetches?.timedOut(nowUs, request);
      return;
    }
    requests.leave(request);
    this.#attempts.requestEnded(nowUs, request, slot, this.#calls.at(slot), TIMEOUT);
  }

  /** Whether that request was answered before; its slot may be another's now. */
  #isTimeoutOver(atUs: number, request: number): boolean {
    const { requests } = this.#remote;
    return requests.hasLeft(request) || requests.limitUs(request) !== atUs;
  }

  #wake(nowUs: number): void {
    const slot = this.#wakes.pop();
    const call = this.#calls.at(slot);
    if (call.stage === AT_TURN) {
      this.#startCall(nowUs, slot, call);
      return;
    }
    if (call.stage === ASKING) {
      this.#askWhetherToHedge(nowUs, slot, call);
      return;
    }
    // Else a flag change woke it before, and its slot may be another's.
    if (call.stage !== WAITING || (call.untilUs !== nowUs && !call.isWoken)) return;
    call.isWoken = false;
    const { ask, states, flags } = this.#versions[call.version];
    const state = states.of(call.client);
    const decision = ask.wake(call, state, nowUs / 1000, flags.of(call.client));
    this.#follow(nowUs, slot, call, decision);
  }

  #beginCall(nowUs: number, traffic: number): void {
    const load = this.#loads[traffic];
    const client = load.take();
    const slot = this.#calls.begin(client, load.newestOf(client));
    const call = this.#calls.at(slot);
    this.#trace.callStarted(nowUs, client, call.call);
    if (this.#lines[traffic]?.join(nowUs, slot, call) === false) call.stage = IN_LINE;
    else this.#startCall(nowUs, slot, call);
  }

  /** Its policy is asked for the first time. */
  #startCall(nowUs: number, slot: number, call: CallWindow): void {
    const { client } = call;
    const traffic = trafficOf(call.call);
    call.version = this.#who.of(client, nowUs, traffic);
    this.#fetches?.callBegins(nowUs, client, call.call);
    const limitMs = this.#traffics[traffic].deadlineMs;
    const begunUs = this.#lines[traffic]?.joinedUs(slot) ?? nowUs;
    const deadlineMs = limitMs === undefined ? undefined : begunUs / 1000 + limitMs;
    const { ask, states, flags } = this.#versions[call.version];
    const decision = ask.start(call, states.of(client), nowUs / 1000, flags.of(client), deadlineMs);
    this.#follow(nowUs, slot, call, decision);
  }

  #fail(
    nowUs: number,
    slot: number,
    call: CallWindow,
    outcome: Outcome,
    sentMs = call.waitFromMs,
  ): void {
    const { ask, states, flags } = this.#versions[call.version];
    const { client } = call;
    const nowMs = nowUs / 1000;
    const state = states.of(client);
    const decision = ask.failure(call, state, nowMs, flags.of(client), outcome, sentMs);
    this.#follow(nowUs, slot, call, decision);
  }

  #succeedFirst(nowUs: number, rider: number, ride: CallWindow, dropped: boolean): void {
    const { rides: slot, waitFromMs: sentMs } = ride;
    this.#rounds.answered(nowUs, rider, ride);
    this.#succeed(nowUs, slot, this.#calls.at(slot), dropped, sentMs);
  }

  #failOneOf(nowUs: number, rider: number, ride: CallWindow, outcome: Outcome): void {
    const { rides: slot, waitFromMs: sentMs } = ride;
    const failed = this.#rounds.failed(nowUs, rider, ride, outcome);
    if (failed === undefined) return;
    this.#fail(nowUs, slot, this.#calls.at(slot), failed, sentMs);
  }

  #askWhetherToHedge(nowUs: number, slot: number, call: CallWindow): void {
    // Else an attempt has failed since, or the slot may be another's.
    if (!this.#rounds.takeHedge(nowUs, slot)) return;
    const { ask, states, flags } = this.#versions[call.version];
    const state = states.of(call.client);
    const decision = askHedge(ask, call, state, nowUs / 1000, flags.of(call.client));
    if (decision.do === "send") this.#beginOneOf(nowUs, slot, call, decision);
    else if (decision.do === "wait") {
      this.#planHedge(this.#rounds.putOff(nowUs, slot, decision.delayMs), slot);
    }
  }

  #planHedge(atUs: number, slot: number): void {
    if (atUs < Infinity) this.#wakes.push(atUs, slot);
  }

  /** Where policies may hedge, of all calls or of some. */
  #send(nowUs: number, slot: number, call: CallWindow, decision: Send): void {
    const { ask } = this.#versions[call.version];
    const send = hedgeInTicks(ask, decision);
    if (ask.policy.hedges) this.#beginOneOf(nowUs, slot, call, send);
    else this.#attempts.begin(nowUs, slot, call, send.resetSession === true);
  }

  #beginOneOf(nowUs: number, slot: number, call: CallWindow, send: Send): void {
    const held = this.#held;
    this.#rounds.begin(nowUs, slot, call, send, (rider) => held?.attemptStarted(rider, slot));
  }

  #follow(nowUs: number, slot: number, call: CallWindow, decision: Decision): void {
    switch (decision.do) {
      case "send":
        if (this.#mayHedge || decision.hedgeAfterMs !== undefined) {
          this.#send(nowUs, slot, call, decision);
        } else this.#attempts.begin(nowUs, slot, call, decision.resetSession === true);
        return;
      case "wait": {
        const delayUs = Math.round(decision.delayMs * 1000);
        call.stage = WAITING;
        call.untilUs = nowUs + delayUs;
        this.#trace.waitStarted(nowUs, call.client, call.call, call.attempt, delayUs);
        this.#wakes.push(call.untilUs, slot);
        return;
      }
      case "stop":
        this.#endCall(nowUs, slot, call, decision.why);
    }
  }

  #endCall(nowUs: number, slot: number, call: CallWindow, end: CallEnd): void {
    const { client, call: number } = call;
    const traffic = trafficOf(number);
    const startedUs = this.#begunUs(slot, call);
    this.#trace.callEnded(nowUs, client, number, call.attempt, startedUs, end);
    this.#calls.end(slot);
    this.#loads[traffic].callEnded(nowUs, client, number, startedUs);
    this.#held?.callEnded(nowUs, slot, end);
    const next = this.#lines[traffic]?.leave(slot, { client, call: number }) ?? -1;
    if (next < 0) return;
    this.#calls.at(next).stage = AT_TURN;
    this.#wakes.push(nowUs, next);
  }

  /** When the call began for its user, who waits in line too. */
  #begunUs(slot: number, call: CallWindow): number {
    return this.#lines[trafficOf(call.call)]?.joinedUs(slot) ?? call.startedUs;
  }

  #endUnfinished(endUs: number): void {
    for (const slot of this.#calls.inOrder()) {
      const call = this.#calls.at(slot);
      const { client, call: number, attempt, stage } = call;
      const startedUs = this.#begunUs(slot, call);
      if (stage === ASKING && !this.#rounds.endUnfinished(endUs, slot)) {
        this.#attempts.endUnfinished(endUs, slot, call);
      }
      // Its policy never heard of it.
      if (stage === IN_LINE) this.#counts.calls++;
      this.#trace.callEnded(endUs, client, number, attempt, startedUs, "unfinished");
    }
    this.#fetches?.endUnfinished(endUs);
  }

  #inTicks(us: number): number {
    return roundUpToTick(us, this.#tickUs);
  }
}

// Places on the agenda, in the order of a tick.
/** What all layers below have to do, then flags: one place, for each costs every event its time. */
const FIRST = 0;
const SERVER = FIRST + 1;
const TIMEOUTS = SERVER + REMOTE_PLACES;
const WAKES = TIMEOUTS + 1;
/** The first of as many as there are traffics. */
const CALLS = WAKES + 1;
