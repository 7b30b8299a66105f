/**
 * The simulator: many clients, under one policy or several, against one server, in simulated time; and of a
 * chain, each layer, whose clients are the instances of the layer above.
 *
 * Within a tick the order is fixed, as the MSW lane has the same: flags, faults, capacity changes,
 * finishes, arrivals at the server, answers at clients, timeouts, wakes, new calls; ties by client,
 * call, attempt and part. All layers below go before that: what they answer frees workers here.
 */
import type { AskCounts } from "../ask.ts";
import { Agenda } from "../events/agenda.ts";
import { EventQueue } from "../events/event-queue.ts";
import { TimingWheel } from "../events/timing-wheel.ts";
import { Load } from "../load.ts";
import type { Decision, NumericState, Outcome, Policy } from "../policy.ts";
import type { CallCounts, RunEnd } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { ANSWERS, REMOTE_PLACES, RemoteServer } from "../server/remote-server.ts";
import { roundUpToTick } from "../ticks.ts";
import type { CallEnd, Trace } from "../trace.ts";
import type { CallWindow } from "./call-window.ts";
import { ASKING, CallsInFlight, WAITING } from "./calls-in-flight.ts";
import { FLAG_FETCHES, FlagFetches } from "./flag-fetches.ts";
import { HeldRequests } from "./held-requests.ts";
import { optionsBelow, policyBelow } from "./layer-below.ts";
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
  return new Simulation(options).run();
}

class Simulation {
  readonly #trace: Trace;
  readonly #who: Versions;
  readonly #versions: readonly Version[];
  readonly #counts: AskCounts;
  /** Undefined where every client knows every change at once. */
  readonly #fetches: FlagFetches | undefined;
  readonly #load: Load;
  readonly #remote: RemoteServer;
  readonly #calls = new CallsInFlight();
  readonly #agenda = new Agenda(PLACES);
  /** Of requests, by slot. */
  readonly #timeouts: EventQueue;
  /** Of calls, by slot. */
  readonly #wakes = new TimingWheel(this.#calls.precedes, { agenda: this.#agenda, place: WAKES });
  readonly #tickUs: number;
  readonly #timeoutUs: number;
  readonly #deadlineMs: number | undefined;
  readonly #resetRequests: number;
  readonly #endUs: number;
  readonly #attemptsBound: number;
  readonly #stateAtUs: number;
  #attemptsEnded = 0;
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
    this.#counts = this.#who.counts;
    this.#planFirst();
    this.#load = new Load(scenario, seed, {
      agenda: this.#agenda,
      place: CALLS,
      touch: (ids, from, to) => this.#versions[0].states.touch(ids, from, to),
    });
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
    if (scenario.clients.flagsRefreshMs !== undefined) {
      this.#fetches = new FlagFetches(scenario, {
        flagsOf: (client) => this.#who.fetchedFlagsOf(client),
        remote: this.#remote,
        timeouts: this.#timeouts,
        trace,
      });
    }
    this.#timeoutUs = this.#inTicks(scenario.clients.timeoutMs * 1000);
    this.#deadlineMs = scenario.clients.deadlineMs;
    this.#resetRequests = scenario.sessionReset.requests;
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
    if (this.#attemptsEnded !== attempts) {
      throw new Error(
        `Conservation broken: ${attempts} attempts were sent, ${this.#attemptsEnded} ended.`,
      );
    }
    if (this.#below !== undefined) this.#below.#end(endUs);
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
    this.#startCall(nowUs, client, slot);
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
    if (place === CALLS) this.#beginCall(nowUs);
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
    const part = requests.part(request);
    const call = this.#calls.at(slot);
    this.#trace.requestEnded(nowUs, call.client, call.call, call.attempt, part, end);
    if (part > 0) {
      this.#continueReset(nowUs, slot, call, part, end.kind === "answered");
    } else if (end.kind === "answered") {
      this.#attemptsEnded++;
      const { ask, states, flags } = this.#versions[call.version];
      ask.success(call, states.of(call.client), nowUs / 1000, flags.of(call.client));
      this.#endCall(nowUs, slot, call, end.dropped ? "dropped" : "answered");
    } else if (end.kind !== "unfinished") this.#fail(nowUs, slot, call, end);
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
    const call = this.#calls.at(slot);
    const part = requests.part(request);
    this.#trace.requestEnded(nowUs, call.client, call.call, call.attempt, part, TIMEOUT);
    requests.leave(request);
    if (part > 0) this.#sendAttempt(nowUs, slot, call);
    else this.#fail(nowUs, slot, call, TIMEOUT);
  }

  /** Whether that request was answered before; its slot may be another's now. */
  #isTimeoutOver(atUs: number, request: number): boolean {
    const { requests } = this.#remote;
    return requests.hasLeft(request) || requests.limitUs(request) !== atUs;
  }

  #wake(nowUs: number): void {
    const slot = this.#wakes.pop();
    const call = this.#calls.at(slot);
    // Else a flag change woke it before, and its slot may be another's.
    if (call.stage !== WAITING || (call.untilUs !== nowUs && !call.isWoken)) return;
    call.isWoken = false;
    const { ask, states, flags } = this.#versions[call.version];
    const state = states.of(call.client);
    const decision = ask.wake(call, state, nowUs / 1000, flags.of(call.client));
    this.#follow(nowUs, slot, call, decision);
  }

  #beginCall(nowUs: number): void {
    const client = this.#load.take();
    const slot = this.#calls.begin(client, this.#load.callsOf(client));
    this.#startCall(nowUs, client, slot);
  }

  #startCall(nowUs: number, client: number, slot: number): void {
    const call = this.#calls.at(slot);
    call.version = this.#who.of(client, nowUs);
    this.#trace.callStarted(nowUs, client, call.call);
    this.#fetches?.callBegins(nowUs, client, call.call);
    const nowMs = nowUs / 1000;
    const deadlineMs = this.#deadlineMs === undefined ? undefined : nowMs + this.#deadlineMs;
    const { ask, states, flags } = this.#versions[call.version];
    const decision = ask.start(call, states.of(client), nowMs, flags.of(client), deadlineMs);
    this.#follow(nowUs, slot, call, decision);
  }

  #fail(nowUs: number, slot: number, call: CallWindow, outcome: Outcome): void {
    this.#attemptsEnded++;
    call.request = -1;
    const { ask, states, flags } = this.#versions[call.version];
    const state = states.of(call.client);
    const decision = ask.failure(call, state, nowUs / 1000, flags.of(call.client), outcome);
    this.#follow(nowUs, slot, call, decision);
  }

  #follow(nowUs: number, slot: number, call: CallWindow, decision: Decision): void {
    switch (decision.do) {
      case "send":
        if (decision.resetSession && this.#resetRequests > 0) this.#beginReset(nowUs, slot, call);
        else this.#sendAttempt(nowUs, slot, call);
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

  #beginReset(nowUs: number, slot: number, call: CallWindow): void {
    call.untilUs = this.#limitUs(nowUs, call);
    this.#send(nowUs, slot, call, 1, call.untilUs);
  }

  /** One request of a reset after the other; the first that fails ends it, and the attempt is sent all the same. */
  #continueReset(
    nowUs: number,
    slot: number,
    call: CallWindow,
    part: number,
    isFine: boolean,
  ): void {
    if (isFine && part < this.#resetRequests) {
      this.#send(nowUs, slot, call, part + 1, call.untilUs);
    } else this.#sendAttempt(nowUs, slot, call);
  }

  #sendAttempt(nowUs: number, slot: number, call: CallWindow): void {
    // Only a session reset can have used up the time since the decision to send.
    if (nowUs >= this.#deadlineUs(call)) {
      this.#fail(nowUs, slot, call, TIMEOUT);
      return;
    }
    this.#send(nowUs, slot, call, 0, this.#limitUs(nowUs, call));
  }

  #send(nowUs: number, slot: number, call: CallWindow, part: number, limitUs: number): void {
    const request = this.#remote.requests.open(call.client, call.call, call.attempt, part, slot);
    call.request = request;
    this.#trace.requestSent(nowUs, call.client, call.call, call.attempt, part);
    call.stage = ASKING;
    this.#remote.requests.setLimitUs(request, limitUs);
    this.#timeouts.push(limitUs, request);
    this.#remote.send(nowUs, request);
  }

  /** An attempt, and a reset as a whole, may take the attempt timeout, but not pass the deadline. */
  #limitUs(nowUs: number, call: CallWindow): number {
    return Math.min(nowUs + this.#timeoutUs, this.#deadlineUs(call));
  }

  /** In milliseconds it is a float: 16.1 · 1000 is more than 16,100. */
  #deadlineUs(call: CallWindow): number {
    const ms = call.deadlineMs;
    return ms === undefined ? Number.POSITIVE_INFINITY : this.#inTicks(ms * 1000 - 0.01);
  }

  #endCall(nowUs: number, slot: number, call: CallWindow, end: CallEnd): void {
    this.#trace.callEnded(nowUs, call.client, call.call, call.attempt, call.startedUs, end);
    this.#calls.end(slot);
    this.#load.callEnded(nowUs, call.client);
    this.#held?.callEnded(nowUs, slot, end);
  }

  #endUnfinished(endUs: number): void {
    for (const slot of this.#calls.inOrder()) {
      const call = this.#calls.at(slot);
      if (call.request >= 0) {
        const part = this.#remote.requests.part(call.request);
        this.#attemptsEnded++;
        this.#trace.requestEnded(endUs, call.client, call.call, call.attempt, part, UNFINISHED);
      }
      this.#trace.callEnded(
        endUs,
        call.client,
        call.call,
        call.attempt,
        call.startedUs,
        "unfinished",
      );
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
const CALLS = WAKES + 1;
const PLACES = CALLS + 1;

const TIMEOUT: Outcome = Object.freeze({ kind: "timeout" });
const UNFINISHED = Object.freeze({ kind: "unfinished" });
