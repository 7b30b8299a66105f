/**
 * The same simulation as `simulation.ts`, in a loop of its own, for scenarios that `fitsExpress`. The parity
 * tests hold it to the other one, line by line.
 *
 * It lives on one ring of records, a request each, in the order of sending. As the network's delay is the
 * same for all, and so is the timeout, requests arrive at the server in that order, and in that order
 * their clients give up: each of the two moves a mark along the ring, and needs no event set. A call is
 * where it is: while it asks, in the record of its request; while it waits, among the waits; while it is
 * decided on, in hand.
 *
 * What makes it fast: the loop is one closure over arrays that stay the same from run to run, and nearly
 * all that changes is in them, so V8 compiles their addresses into the code. Hence the `marks` where one
 * would expect variables. Places on rings are counted on and on, and wrapped by `marks[MASK]`.
 */
import { Call } from "../ask.ts";
import { Agenda } from "../events/agenda.ts";
import { hedgeInTicks } from "../hedge.ts";
import type { Decision, Outcome } from "../policy.ts";
import type { RunEnd } from "../run.ts";
import { CONNECTION_LOST, type Refusal } from "../server/refusal.ts";
import { roundUpToTick } from "../ticks.ts";
import type { CallEnd, RequestEnd } from "../trace.ts";
import { ExpressTables } from "./express-tables.ts";
import { ExpressWorld, type Overflown, TIMED_OUT } from "./express-world.ts";
import type { SimulationOptions } from "./simulation.ts";

/** The arrays of the loop and all functions over them: made once, and used by one run after the other. */
export interface ExpressLane {
  /** Makes the lane ready for that run. */
  begin(options: SimulationOptions): void;
  /** Runs to the end, or until the ring is full: then undefined, and the run goes on in `widened`. */
  run(): RunEnd | undefined;
  /** A larger lane, in the middle of the same run. */
  widened(): ExpressLane;
  readonly room: number;
}

/** @param room how many requests the ring can hold; a power of two */
export function layExpressLane(room: number): ExpressLane {
  return layLane(new ExpressTables(room), {
    marks: new Int32Array(MARKS),
    givens: new Float64Array(GIVENS),
    agenda: new Agenda(PLACES),
    call: new Call(),
  });
}

/** What a lane hands over to a larger one. */
interface Handover {
  readonly marks: Int32Array;
  readonly givens: Float64Array;
  readonly agenda: Agenda;
  /** The call in hand. */
  readonly call: Call;
  readonly world?: ExpressWorld;
}

function layLane(
  tables: ExpressTables,
  { marks, givens, agenda, call, world: halfway }: Handover,
): ExpressLane {
  const { room, doubles, ints, answersUs, answers, queue, finishesUs, finishes } = tables;
  const { dueUs } = agenda;
  let world = NO_WORLD;
  if (halfway !== undefined) enter(halfway);
  return { begin, run, widened, room };

  function enter(entered: ExpressWorld): void {
    world = entered;
    world.precedes = precedes;
  }

  function begin(options: SimulationOptions): void {
    const { scenario, attemptsBound = 100_000_000, stateAtMs = Infinity } = options;
    const { tickUs, networkMs, clients, server, runMs, patienceMs } = scenario;
    marks.fill(0);
    marks[MASK] = Math.min(room, ROOM_AT_FIRST) - 1;
    dueUs.fill(Infinity);
    givens[TICK] = tickUs;
    givens[NETWORK] = inTicks(networkMs * 1000);
    givens[TIMEOUT] = inTicks(clients.timeoutMs * 1000);
    givens[REJECTION] = Math.max(tickUs, inTicks(server.rejection.costMs * 1000));
    givens[ATTEMPTS_BOUND] = attemptsBound;
    givens[STATE_AT] = stateAtMs * 1000;
    givens[LAST] = (runMs + patienceMs) * 1000;
    givens[NOW] = 0;
    if (attemptsBound <= 0) marks[TICK_OPEN] = IS_BOUND_REACHED;
    const places = { changes: CHANGES, early: EARLY_TIMEOUTS, wakes: WAKES, calls: CALLS };
    enter(new ExpressWorld(options, { agenda, ...places }));
    dueUs[FLAGS] = inTicks(world.who.nextFlagsMs * 1000);
  }

  function run(): RunEnd | undefined {
    for (const overflown of world.overflow.splice(0)) takeFromOverflow(overflown);
    findHorizon();
    while (!advance());
    if (world.overflow.length > 0) return undefined;
    const cut = isBoundReached() && firstDueUs() > givens[NOW];
    const runEnd = end(cut ? givens[NOW] : givens[LAST], cut);
    // It may hold a gigabyte.
    world = NO_WORLD;
    return runEnd;
  }

  /**
   * One event after the other; returns whether they were the last before the end, or before the ring
   * overflows. Not all in one call: V8 compiles the arrays' addresses only into functions that are called
   * again and again.
   */
  function advance(): boolean {
    for (let events = 0; events < EVENTS_AT_ONCE; events++) {
      let place = FINISHES;
      let nextUs = dueUs[FINISHES];
      if (dueUs[ARRIVALS] < nextUs) {
        place = ARRIVALS;
        nextUs = dueUs[ARRIVALS];
      }
      if (dueUs[ANSWERS] < nextUs) {
        place = ANSWERS;
        nextUs = dueUs[ANSWERS];
      }
      if (dueUs[TIMEOUTS] < nextUs) {
        place = TIMEOUTS;
        nextUs = dueUs[TIMEOUTS];
      }
      if (dueUs[WAKES] < nextUs) {
        place = WAKES;
        nextUs = dueUs[WAKES];
      }
      if (dueUs[CALLS] < nextUs) {
        place = CALLS;
        nextUs = dueUs[CALLS];
      }
      if (nextUs >= givens[HORIZON] || (marks[TICK_OPEN] !== 0 && nextUs > givens[NOW])) {
        if (!advanceWithCare()) return true;
        continue;
      }
      givens[NOW] = nextUs;
      if (place === FINISHES) finish(nextUs);
      else if (place === ARRIVALS) arrive(nextUs);
      else if (place === ANSWERS) takeAnswer(nextUs);
      else if (place === CALLS) beginCall(nextUs);
      else if (place === WAKES) wake(nextUs);
      else expire(nextUs);
    }
    return false;
  }

  /** A whole tick in which more may be due than usual, and what is to be done before it; returns whether there was one. */
  function advanceWithCare(): boolean {
    const nowUs = givens[NOW];
    if (firstDueUs() > nowUs) {
      if (world.overflow.length > 0) return false;
      if (marks[TICK_OPEN] !== 0) closeTick(nowUs);
      if (isBoundReached()) return false;
    }
    const nextUs = firstDueUs();
    if (nextUs > givens[LAST]) return false;
    if (nextUs >= givens[STATE_AT]) world.lookAtState();
    givens[NOW] = nextUs;
    step(nextUs);
    findHorizon();
    return true;
  }

  /** Up to when nothing is due but what is usual. */
  function findHorizon(): void {
    const stateUs = world.meanState === undefined ? givens[STATE_AT] : Infinity;
    const rareUs = Math.min(dueUs[FLAGS], dueUs[CHANGES], dueUs[EARLY_TIMEOUTS]);
    givens[HORIZON] = Math.min(rareUs, stateUs, givens[LAST]);
  }

  function isBoundReached(): boolean {
    return world.counts.attempts >= givens[ATTEMPTS_BOUND];
  }

  /** Of all places. */
  function firstDueUs(): number {
    return dueUs[agenda.first()];
  }

  /** All of one tick, place by place: nothing adds to a place before its own in the same tick. */
  function step(nowUs: number): void {
    if (dueUs[FLAGS] === nowUs) changeFlags(nowUs);
    if (dueUs[CHANGES] === nowUs) change(nowUs);
    while (dueUs[FINISHES] === nowUs) finish(nowUs);
    while (dueUs[ARRIVALS] === nowUs) arrive(nowUs);
    while (dueUs[ANSWERS] === nowUs) takeAnswer(nowUs);
    if (dueUs[EARLY_TIMEOUTS] === nowUs) expireEarly(nowUs);
    if (dueUs[TIMEOUTS] === nowUs) expire(nowUs);
    while (dueUs[WAKES] === nowUs) wake(nowUs);
    while (dueUs[CALLS] === nowUs) beginCall(nowUs);
  }

  // --- Clients ---

  function beginCall(nowUs: number): void {
    const { load, who, trace, versions, callDeadlineMs } = world;
    const client = load.take();
    const version = who.of(client, nowUs);
    call.client = client;
    call.call = load.newestOf(client);
    marks[VERSION] = version;
    marks[LAST_END] = NO_END;
    trace.callStarted(nowUs, client, call.call);
    const nowMs = nowUs / 1000;
    const deadlineMs = callDeadlineMs === undefined ? undefined : nowMs + callDeadlineMs;
    const { ask, states, flags } = versions[version];
    follow(nowUs, ask.start(call, states.of(client), nowMs, flags.of(client), deadlineMs));
  }

  function follow(nowUs: number, decision: Decision): void {
    switch (decision.do) {
      case "send":
        // Here no policy says that it hedges.
        if (decision.hedgeAfterMs !== undefined)
          hedgeInTicks(world.versions[marks[VERSION]].ask, decision);
        if (decision.resetSession && world.resetRequests > 0) send(nowUs, 1, limitUs(nowUs));
        else sendAttempt(nowUs);
        return;
      case "wait":
        wait(nowUs, Math.round(decision.delayMs * 1000));
        return;
      case "stop":
        endCall(nowUs, decision.why);
    }
  }

  function sendAttempt(nowUs: number): void {
    call.waitFromMs = nowUs / 1000;
    // Only a session reset can have used up the time since the decision to send.
    if (call.deadlineMs !== undefined && nowUs >= deadlineUs(call.deadlineMs))
      fail(nowUs, TIMEOUT_END);
    else send(nowUs, 0, limitUs(nowUs));
  }

  /** An attempt, and a reset as a whole, may take the attempt timeout, but not pass the deadline. */
  function limitUs(nowUs: number): number {
    const usualUs = nowUs + givens[TIMEOUT];
    return call.deadlineMs === undefined ? usualUs : Math.min(usualUs, deadlineUs(call.deadlineMs));
  }

  /** In milliseconds it is a float: 16.1 · 1000 is more than 16,100. */
  function deadlineUs(ms: number): number {
    return inTicks(ms * 1000 - 0.01);
  }

  function send(nowUs: number, part: number, limitUs: number): void {
    world.trace.requestSent(nowUs, call.client, call.call, call.attempt, part);
    if (isBoundReached()) marks[TICK_OPEN] |= IS_BOUND_REACHED;
    const isFull = ((marks[END] - marks[FIRST]) | 0) > marks[MASK] && !makeRoom();
    if (isFull || world.overflow.length > 0) {
      world.overflow.push({ call: { ...call }, version: marks[VERSION], part, limitUs });
      marks[TICK_OPEN] |= IS_OVERFULL;
    } else putOnRing(nowUs, part, limitUs);
  }

  /** The call in hand goes into the record of a request. */
  function putOnRing(nowUs: number, part: number, limitUs: number): void {
    const at = marks[END];
    marks[END] = (at + 1) | 0;
    const mask = marks[MASK];
    const d = (at & mask) << DOUBLES_SHIFT;
    const i = (at & mask) << INTS_SHIFT;
    doubles[d + SENT] = nowUs;
    doubles[d + LIMIT] = limitUs;
    doubles[d + STARTED] = call.startedMs;
    doubles[d + DELAY_BEFORE] = call.delayBeforeMs;
    doubles[d + DEADLINE] = call.deadlineMs ?? Infinity;
    ints[i + CLIENT] = call.client;
    ints[i + CALL] = call.call;
    ints[i + ORDER] = (call.attempt << PART_BITS) | part;
    const isEarly = limitUs !== nowUs + givens[TIMEOUT];
    ints[i + STATE] = (marks[VERSION] << VERSION_SHIFT) | (isEarly ? IS_EARLY : 0);
    if (marks[ARRIVING] === at) dueUs[ARRIVALS] = nowUs + givens[NETWORK];
    if (marks[EXPIRING] === at) dueUs[TIMEOUTS] = limitUs;
    if (isEarly) marks[TICK_OPEN] |= HAS_EARLY;
    const before = ((at - 1) & mask) << DOUBLES_SHIFT;
    if (doubles[before + SENT] === nowUs && !precedes(at - 1, at)) marks[TICK_OPEN] |= IS_MIXED;
  }

  function takeAnswer(nowUs: number): void {
    const mask = marks[MASK];
    if ((marks[FIRST_ANSWER] & AHEAD_MASK) === 0) readAheadOfAnswers();
    const at = answers[marks[FIRST_ANSWER] & mask];
    const next = (marks[FIRST_ANSWER] + 1) | 0;
    marks[FIRST_ANSWER] = next;
    dueUs[ANSWERS] = next === marks[END_ANSWER] ? Infinity : answersUs[next & mask];
    const i = (at & mask) << INTS_SHIFT;
    const state = ints[i + STATE];
    ints[i + STATE] = state | IS_DONE | HAS_LEFT;
    if ((state & HAS_LEFT) !== 0) return;
    takeInHand(at);
    const { trace, ends, versions } = world;
    const number = state >>> END_SHIFT;
    const part = ints[i + ORDER] & PART_MASK;
    trace.requestEnded(nowUs, call.client, call.call, call.attempt, part, ends[number]);
    if (part > 0) continueReset(nowUs, at, part, number === ANSWERED_END);
    else if (number === ANSWERED_END) {
      marks[ATTEMPTS_ENDED]++;
      const { ask, states, flags } = versions[marks[VERSION]];
      ask.success(call, states.of(call.client), nowUs / 1000, flags.of(call.client));
      endCall(nowUs, "answered");
    } else fail(nowUs, number);
  }

  /** One request of a reset after the other; the first that fails, or the end of its time, ends it, and the attempt is sent all the same. */
  function continueReset(nowUs: number, at: number, part: number, isFine: boolean): void {
    const limitUs = doubles[((at & marks[MASK]) << DOUBLES_SHIFT) + LIMIT];
    if (isFine && part < world.resetRequests && nowUs < limitUs) send(nowUs, part + 1, limitUs);
    else sendAttempt(nowUs);
  }

  function takeInHand(at: number): void {
    const d = (at & marks[MASK]) << DOUBLES_SHIFT;
    const i = (at & marks[MASK]) << INTS_SHIFT;
    call.client = ints[i + CLIENT];
    call.call = ints[i + CALL];
    call.attempt = ints[i + ORDER] >> PART_BITS;
    call.startedMs = doubles[d + STARTED];
    call.waitFromMs = doubles[d + SENT] / 1000;
    call.delayBeforeMs = doubles[d + DELAY_BEFORE];
    const deadlineMs = doubles[d + DEADLINE];
    call.deadlineMs = deadlineMs === Infinity ? undefined : deadlineMs;
    marks[VERSION] = (ints[i + STATE] >> VERSION_SHIFT) & VERSION_MASK;
  }

  /** The attempt in hand, by the number of its end. */
  function fail(nowUs: number, number: number): void {
    marks[ATTEMPTS_ENDED]++;
    marks[LAST_END] = number;
    const { ask, states, flags } = world.versions[marks[VERSION]];
    const { client } = call;
    const outcome = world.ends[number] as Outcome;
    follow(nowUs, ask.failure(call, states.of(client), nowUs / 1000, flags.of(client), outcome));
  }

  /** All clients whose usual timeout ends now. */
  function expire(nowUs: number): void {
    for (passOverLeft(); dueUs[TIMEOUTS] === nowUs; passOverLeft()) {
      const at = marks[EXPIRING];
      marks[EXPIRING] = (at + 1) | 0;
      if ((at & AHEAD_MASK) === 0) readAheadOfTimeouts(at);
      giveUp(nowUs, at);
    }
  }

  /** All timeouts of a tick in which some are early. */
  function expireEarly(nowUs: number): void {
    const expired: number[] = [];
    while (dueUs[EARLY_TIMEOUTS] === nowUs) {
      const offset = (world.early.pop() - marks[FIRST]) & EARLY_MASK;
      const at = (marks[FIRST] + offset) | 0;
      // Else it was answered before.
      if (offset < ((marks[END] - marks[FIRST]) | 0) && !hasLeft(at)) expired.push(at);
    }
    for (passOverLeft(); dueUs[TIMEOUTS] === nowUs; passOverLeft()) {
      expired.push(marks[EXPIRING]);
      marks[EXPIRING] = (marks[EXPIRING] + 1) | 0;
    }
    for (const at of expired.sort(inOrder)) giveUp(nowUs, at);
  }

  function giveUp(nowUs: number, at: number): void {
    takeInHand(at);
    const i = (at & marks[MASK]) << INTS_SHIFT;
    const part = ints[i + ORDER] & PART_MASK;
    world.trace.requestEnded(nowUs, call.client, call.call, call.attempt, part, TIMED_OUT);
    ints[i + STATE] |= HAS_LEFT;
    if (part > 0) sendAttempt(nowUs);
    else fail(nowUs, TIMEOUT_END);
  }

  /** Up to the first whose client waits still, and not for less than usual. */
  function passOverLeft(): void {
    const mask = marks[MASK];
    const end = marks[END];
    let at = marks[EXPIRING];
    while (at !== end && isPassed(at)) at = (at + 1) | 0;
    marks[EXPIRING] = at;
    dueUs[TIMEOUTS] = at === end ? Infinity : doubles[((at & mask) << DOUBLES_SHIFT) + LIMIT];
  }

  function isPassed(at: number): boolean {
    const state = ints[((at & marks[MASK]) << INTS_SHIFT) + STATE];
    if ((state & HAS_LEFT) !== 0) return true;
    // In this tick it may have to give its place to one with the usual timeout.
    return (state & IS_EARLY) !== 0 && sentUs(at) !== givens[NOW];
  }

  function sentUs(at: number): number {
    return doubles[((at & marks[MASK]) << DOUBLES_SHIFT) + SENT];
  }

  // What the next few will need is read all at once, so that cache misses overlap. Nobody needs the sum.

  function readAheadOfTimeouts(at: number): void {
    const to = Math.min((marks[END] - at) | 0, AHEAD_MASK + 1);
    let sum = 0;
    for (let ahead = 0; ahead < to; ahead++) sum += peek(at + ahead);
    givens[OF_NO_MEANING] = sum;
  }

  function readAheadOfAnswers(): void {
    const at = marks[FIRST_ANSWER];
    const to = Math.min((marks[END_ANSWER] - at) | 0, AHEAD_MASK + 1);
    let sum = 0;
    for (let ahead = 0; ahead < to; ahead++) sum += peek(answers[(at + ahead) & marks[MASK]]);
    givens[OF_NO_MEANING] = sum;
  }

  function peek(at: number): number {
    const i = (at & marks[MASK]) << INTS_SHIFT;
    const version = (ints[i + STATE] >> VERSION_SHIFT) & VERSION_MASK;
    return world.versions[version].states.peek(ints[i + CLIENT]);
  }

  function wait(nowUs: number, delayUs: number): void {
    const { trace, waits, wakes } = world;
    const untilUs = nowUs + delayUs;
    trace.waitStarted(nowUs, call.client, call.call, call.attempt, delayUs);
    wakes.push(untilUs, waits.put(call, untilUs, marks[VERSION], marks[LAST_END]));
  }

  function wake(nowUs: number): void {
    const { waits, wakes, versions } = world;
    const at = wakes.pop();
    // Else a flag change woke it before.
    if (!waits.isDue(at, nowUs)) return;
    takeFromWaits(at);
    waits.free(at);
    const { ask, states, flags } = versions[marks[VERSION]];
    const { client } = call;
    follow(nowUs, ask.wake(call, states.of(client), nowUs / 1000, flags.of(client)));
  }

  function takeFromWaits(at: number): void {
    const { waits, ends } = world;
    waits.read(at, call);
    const end = waits.end(at);
    call.outcome = end === NO_END ? undefined : (ends[end] as Outcome);
    marks[LAST_END] = end;
    marks[VERSION] = waits.version(at);
  }

  /** Every call that waits, and whose flags change, is asked again in this tick. */
  function changeFlags(nowUs: number): void {
    const { who, versions, waits, wakes } = world;
    const changed = who.changeFlags(nowUs / 1000);
    dueUs[FLAGS] = inTicks(who.nextFlagsMs * 1000);
    for (const at of waits.all()) {
      if (!changed.has(versions[waits.version(at)].flags)) continue;
      waits.wake(at);
      wakes.push(nowUs, at);
    }
  }

  function endCall(nowUs: number, end: CallEnd): void {
    const { trace, load } = world;
    const startedUs = Math.round(call.startedMs * 1000);
    trace.callEnded(nowUs, call.client, call.call, call.attempt, startedUs, end);
    load.callEnded(nowUs, call.client, call.call, startedUs);
  }

  // --- The server ---

  function change(nowUs: number): void {
    world.plan.step();
    if (world.plan.isDown) loseEverything(nowUs);
    employ(nowUs);
  }

  function arrive(nowUs: number): void {
    const { ledger, plan } = world;
    const at = marks[ARRIVING];
    const next = (at + 1) | 0;
    marks[ARRIVING] = next;
    dueUs[ARRIVALS] = next === marks[END] ? Infinity : arrivesUs(next);
    ledger.enter(nowUs);
    const refusal = plan.isQuiet ? undefined : refusalFor(nowUs, at);
    if (refusal !== undefined) {
      refuse(nowUs, at, refusal);
      employ(nowUs);
    } else if (marks[BUSY] < plan.workers) addFinish(nowUs + serve(at), at);
    else if (((marks[END_QUEUED] - marks[FIRST_QUEUED]) | 0) < world.places) {
      queue[marks[END_QUEUED] & marks[MASK]] = at;
      marks[END_QUEUED] = (marks[END_QUEUED] + 1) | 0;
    } else refuse(nowUs, at, world.rejection);
  }

  function arrivesUs(at: number): number {
    return sentUs(at) + givens[NETWORK];
  }

  function refusalFor(nowUs: number, at: number): Refusal | undefined {
    const i = (at & marks[MASK]) << INTS_SHIFT;
    const order = ints[i + ORDER];
    const attempt = order >> PART_BITS;
    return world.plan.refusal(nowUs, ints[i + CLIENT], ints[i + CALL], attempt, order & PART_MASK);
  }

  /** Returns how long the work takes that begins now. */
  function serve(at: number): number {
    const { serviceTime, serviceDraws, plan } = world;
    const i = (at & marks[MASK]) << INTS_SHIFT;
    const order = ints[i + ORDER];
    const attempt = order >> PART_BITS;
    const part = order & PART_MASK;
    const drawnUs = serviceTime(serviceDraws, ints[i + CLIENT], ints[i + CALL], attempt, part);
    const serviceUs = Math.max(givens[TICK], inTicks(drawnUs * plan.slowdown));
    doubles[((at & marks[MASK]) << DOUBLES_SHIFT) + SERVICE] = serviceUs;
    return serviceUs;
  }

  /** Returns how long it takes to say no. */
  function reject(at: number): number {
    doubles[((at & marks[MASK]) << DOUBLES_SHIFT) + SERVICE] = REJECTING;
    return givens[REJECTION];
  }

  function finish(nowUs: number): void {
    const { trace, ledger, plan, rejecting } = world;
    const at = finishes[0];
    const serviceUs = doubles[((at & marks[MASK]) << DOUBLES_SHIFT) + SERVICE];
    if (serviceUs === REJECTING) {
      ledger.rejected++;
      answer(nowUs, at, REJECTED_END);
    } else {
      trace.served(nowUs, serviceUs, hasLeft(at));
      ledger.served++;
      answer(nowUs, at, ANSWERED_END);
    }
    if (marks[BUSY] > plan.workers) removeFirstFinish();
    else if (rejecting.length > 0) {
      const next = rejecting.pop();
      replaceFirstFinish(nowUs + reject(next), next);
    } else if (marks[END_QUEUED] !== marks[FIRST_QUEUED]) {
      const next = takeFromQueue();
      replaceFirstFinish(nowUs + serve(next), next);
    } else removeFirstFinish();
  }

  function takeFromQueue(): number {
    const first = marks[FIRST_QUEUED];
    marks[FIRST_QUEUED] = (first + 1) | 0;
    return queue[first & marks[MASK]];
  }

  /** Workers who are free take what waits. */
  function employ(nowUs: number): void {
    const { plan, rejecting } = world;
    while (marks[BUSY] < plan.workers) {
      if (rejecting.length > 0) {
        const at = rejecting.pop();
        addFinish(nowUs + reject(at), at);
      } else if (marks[END_QUEUED] !== marks[FIRST_QUEUED]) {
        const at = takeFromQueue();
        addFinish(nowUs + serve(at), at);
      } else return;
    }
  }

  function loseEverything(nowUs: number): void {
    const { rejecting } = world;
    for (const at of finishes.subarray(0, marks[BUSY])) turnAway(nowUs, at, CONNECTION_LOST);
    marks[BUSY] = 0;
    dueUs[FINISHES] = Infinity;
    while (rejecting.length > 0) turnAway(nowUs, rejecting.pop(), CONNECTION_LOST);
    while (marks[END_QUEUED] !== marks[FIRST_QUEUED])
      turnAway(nowUs, takeFromQueue(), CONNECTION_LOST);
  }

  /** At once if that is free; else a worker has to see to it. */
  function refuse(nowUs: number, at: number, refusal: Refusal): void {
    if (refusal.costUs > 0) world.rejecting.push(at);
    else turnAway(nowUs, at, refusal);
  }

  function turnAway(nowUs: number, at: number, { end, countedAs }: Refusal): void {
    world.ledger[countedAs]++;
    answer(nowUs, at, numberOf(end));
  }

  function numberOf(end: RequestEnd): number {
    const { ends } = world;
    if (end === ends[REJECTED_END]) return REJECTED_END;
    const number = ends.indexOf(end);
    return number < 0 ? ends.push(end) - 1 : number;
  }

  function answer(nowUs: number, at: number, number: number): void {
    world.ledger.leave(nowUs, arrivesUs(at));
    const mask = marks[MASK];
    const i = (at & mask) << INTS_SHIFT;
    const state = ints[i + STATE];
    if ((state & HAS_LEFT) !== 0) {
      ints[i + STATE] = state | IS_DONE;
      return;
    }
    ints[i + STATE] = state | (number << END_SHIFT);
    const end = marks[END_ANSWER];
    marks[END_ANSWER] = (end + 1) | 0;
    const reachesUs = nowUs + givens[NETWORK];
    answersUs[end & mask] = reachesUs;
    answers[end & mask] = at;
    const last = (end - 1) & mask;
    if (end === marks[FIRST_ANSWER]) dueUs[ANSWERS] = reachesUs;
    else if (answersUs[last] === reachesUs && !precedes(answers[last], at))
      marks[TICK_OPEN] |= HAS_MIXED_ANSWERS;
  }

  // --- The heap of finishes: 4-ary, the first at 0 ---

  function addFinish(atUs: number, request: number): void {
    let at = marks[BUSY]++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentUs = finishesUs[parent];
      if (parentUs < atUs || (parentUs === atUs && precedes(finishes[parent], request))) break;
      finishesUs[at] = parentUs;
      finishes[at] = finishes[parent];
      at = parent;
    }
    finishesUs[at] = atUs;
    finishes[at] = request;
    dueUs[FINISHES] = finishesUs[0];
  }

  function removeFirstFinish(): void {
    const last = --marks[BUSY];
    if (last === 0) dueUs[FINISHES] = Infinity;
    else replaceFirstFinish(finishesUs[last], finishes[last]);
  }

  function replaceFirstFinish(atUs: number, request: number): void {
    const size = marks[BUSY];
    let at = 0;
    for (let child = 1; child < size; child = (at << 2) + 1) {
      const childrenEnd = Math.min(child + 4, size);
      let first = child;
      let firstUs = finishesUs[child];
      for (let other = child + 1; other < childrenEnd; other++) {
        const us = finishesUs[other];
        if (us < firstUs || (us === firstUs && precedes(finishes[other], finishes[first]))) {
          first = other;
          firstUs = us;
        }
      }
      if (atUs < firstUs || (atUs === firstUs && precedes(request, finishes[first]))) break;
      finishesUs[at] = firstUs;
      finishes[at] = finishes[first];
      at = first;
    }
    finishesUs[at] = atUs;
    finishes[at] = request;
    dueUs[FINISHES] = finishesUs[0];
  }

  // --- Order and room ---

  /** What is due in one tick goes by client, call, attempt and part. */
  function precedes(at: number, other: number): boolean {
    const a = (at & marks[MASK]) << INTS_SHIFT;
    const b = (other & marks[MASK]) << INTS_SHIFT;
    if (ints[a + CLIENT] !== ints[b + CLIENT]) return ints[a + CLIENT] < ints[b + CLIENT];
    if (ints[a + CALL] !== ints[b + CALL]) return ints[a + CALL] < ints[b + CALL];
    return ints[a + ORDER] <= ints[b + ORDER];
  }

  function inOrder(at: number, other: number): number {
    return precedes(at, other) ? -1 : 1;
  }

  function hasLeft(at: number): boolean {
    return (ints[((at & marks[MASK]) << INTS_SHIFT) + STATE] & HAS_LEFT) !== 0;
  }

  /**
   * Before time moves on: from now on, what was sent and answered in the tick keeps its place. Till then
   * it may be moved among itself, for nothing of it is due before the next tick, and no mark has passed
   * it: whoever sends leaves a request a tick at least, on the network and until its limit.
   */
  function closeTick(nowUs: number): void {
    if ((marks[TICK_OPEN] & HAS_MIXED_ANSWERS) !== 0) sortLastAnswers();
    let from = marks[END];
    while (from !== marks[FIRST] && sentUs(from - 1) === nowUs) from = (from - 1) | 0;
    if ((marks[TICK_OPEN] & IS_MIXED) !== 0) sortSince(from);
    for (let at = from; at !== marks[END]; at = (at + 1) | 0) {
      const isEarly = (ints[((at & marks[MASK]) << INTS_SHIFT) + STATE] & IS_EARLY) !== 0;
      if (isEarly) world.early.push(recordAt(at)[LIMIT], at & EARLY_MASK);
    }
    marks[TICK_OPEN] = 0;
  }

  /** By insertion: mostly it is two that meet in a microsecond. A herd is sorted all at once. */
  function sortSince(from: number): void {
    if (((marks[END] - from) | 0) > FEW) {
      sortHerdSince(from);
      return;
    }
    for (let next = (from + 1) | 0; next !== marks[END]; next = (next + 1) | 0) {
      for (let at = next; at !== from && !precedes(at - 1, at); at = (at - 1) | 0) swap(at - 1, at);
    }
  }

  function swap(at: number, other: number): void {
    const a = (at & marks[MASK]) << INTS_SHIFT;
    const b = (other & marks[MASK]) << INTS_SHIFT;
    for (let offset = 0; offset < 1 << INTS_SHIFT; offset++) {
      const number = ints[a + offset];
      ints[a + offset] = ints[b + offset];
      ints[b + offset] = number;
    }
  }

  function sortHerdSince(from: number): void {
    const length = (marks[END] - from) | 0;
    const places = Array.from({ length }, (_, index) => (from + index) | 0);
    const records = places.toSorted(inOrder).map((at) => recordAt(at).slice());
    for (const [index, at] of places.entries()) recordAt(at).set(records[index]);
  }

  function recordAt(at: number): Float64Array {
    const d = (at & marks[MASK]) << DOUBLES_SHIFT;
    return doubles.subarray(d, d + (1 << DOUBLES_SHIFT));
  }

  /** Those that reach their clients in the same tick, the last so far. */
  function sortLastAnswers(): void {
    const mask = marks[MASK];
    const end = marks[END_ANSWER];
    const lastUs = answersUs[(end - 1) & mask];
    let from = end;
    while (from !== marks[FIRST_ANSWER] && answersUs[(from - 1) & mask] === lastUs)
      from = (from - 1) | 0;
    if (((end - from) | 0) > FEW) {
      sortManyAnswersSince(from);
      return;
    }
    for (let next = (from + 1) | 0; next !== end; next = (next + 1) | 0) {
      const request = answers[next & mask];
      let at = next;
      for (; at !== from && !precedes(answers[(at - 1) & mask], request); at = (at - 1) | 0)
        answers[at & mask] = answers[(at - 1) & mask];
      answers[at & mask] = request;
    }
  }

  function sortManyAnswersSince(from: number): void {
    const length = (marks[END_ANSWER] - from) | 0;
    const requests = Array.from({ length }, (_, index) => answers[(from + index) & marks[MASK]]);
    for (const [index, at] of requests.sort(inOrder).entries())
      answers[(from + index) & marks[MASK]] = at;
  }

  /** Forgets requests that all are done with; when that is not enough, takes more of the room into use. */
  function makeRoom(): boolean {
    passOverLeft();
    const mask = marks[MASK];
    let first = marks[FIRST];
    while (
      first !== marks[END] &&
      (ints[((first & mask) << INTS_SHIFT) + STATE] & IS_OVER) === IS_OVER
    )
      first = (first + 1) | 0;
    marks[FIRST] = first;
    const held = (marks[END] - first) | 0;
    // With less to spare it would soon be full again.
    if (held <= mask * 0.75) return true;
    if (mask + 1 < room) {
      doubleRings();
      return true;
    }
    return held <= mask;
  }

  /** Each ring is in the first half of what it may now take. */
  function doubleRings(): void {
    const before = marks[MASK];
    marks[MASK] = before * 2 + 1;
    for (let at = marks[FIRST]; at !== marks[END]; at = (at + 1) | 0) {
      if ((at & marks[MASK]) === (at & before)) continue;
      const from = (at & before) << DOUBLES_SHIFT;
      doubles.copyWithin((at & marks[MASK]) << DOUBLES_SHIFT, from, from + (1 << DOUBLES_SHIFT));
    }
    for (let at = marks[FIRST_ANSWER]; at !== marks[END_ANSWER]; at = (at + 1) | 0) {
      answers[at & marks[MASK]] = answers[at & before];
      answersUs[at & marks[MASK]] = answersUs[at & before];
    }
    for (let at = marks[FIRST_QUEUED]; at !== marks[END_QUEUED]; at = (at + 1) | 0) {
      queue[at & marks[MASK]] = queue[at & before];
    }
  }

  function widened(): ExpressLane {
    let wider = room * 4;
    while (wider < room + world.overflow.length) wider *= 4;
    const larger = new ExpressTables(wider);
    larger.copy(tables);
    return layLane(larger, { marks, givens, agenda, call, world });
  }

  function takeFromOverflow({ call: sent, version, part, limitUs }: Overflown): void {
    Object.assign(call, sent);
    marks[VERSION] = version;
    if (((marks[END] - marks[FIRST]) | 0) > marks[MASK]) makeRoom();
    putOnRing(givens[NOW], part, limitUs);
  }

  function inTicks(us: number): number {
    return roundUpToTick(us, givens[TICK]);
  }

  // --- The end ---

  function end(endUs: number, cut: boolean): RunEnd {
    const { counts, trace } = world;
    // Nothing may have happened since.
    if (givens[STATE_AT] <= endUs) world.lookAtState();
    const unfinished = [...callsThatAsk(), ...callsThatWait()];
    unfinished.sort((a, b) => a.client - b.client || a.call - b.call);
    for (const { client, call, attempt, startedMs, part } of unfinished) {
      if (part >= 0) trace.requestEnded(endUs, client, call, attempt, part, UNFINISHED);
      const startedUs = Math.round(startedMs * 1000);
      trace.callEnded(endUs, client, call, attempt, startedUs, "unfinished");
    }
    check(endUs);
    return { cut, endUs, ...counts, meanState: world.meanState };
  }

  function* callsThatAsk(): Generator<Unfinished> {
    for (let at = marks[FIRST]; at !== marks[END]; at = (at + 1) | 0) {
      if (hasLeft(at)) continue;
      takeInHand(at);
      marks[ATTEMPTS_ENDED]++;
      yield { ...call, part: ints[((at & marks[MASK]) << INTS_SHIFT) + ORDER] & PART_MASK };
    }
  }

  function* callsThatWait(): Generator<Unfinished> {
    for (const at of world.waits.all()) {
      takeFromWaits(at);
      yield { ...call, part: -1 };
    }
  }

  /** @throws {Error} when the books do not balance */
  function check(endUs: number): void {
    const { ledger, rejecting, counts } = world;
    const atServer = [...rejecting.slots(), ...finishes.subarray(0, marks[BUSY])];
    for (let at = marks[FIRST_QUEUED]; at !== marks[END_QUEUED]; at = (at + 1) | 0)
      atServer.push(queue[at & marks[MASK]]);
    ledger.check(endUs, atServer.map(arrivesUs));
    if (marks[ATTEMPTS_ENDED] === counts.attempts) return;
    throw new Error(
      `Conservation broken: ${counts.attempts} attempts were sent, ${marks[ATTEMPTS_ENDED]} ended.`,
    );
  }
}

/** Before a run and after it. */
const NO_WORLD = Object.freeze({}) as ExpressWorld;

interface Unfinished extends Call {
  /** Of the request in flight; negative when there is none. */
  readonly part: number;
}

const EVENTS_AT_ONCE = 2 ** 15;

/** So many are sorted by insertion at most. */
const FEW = 16;

/** So many are read ahead of, less one. */
const AHEAD_MASK = 15;

/** Of the ring, to begin with: the less it is, the more of it stays in the processor's cache. */
const ROOM_AT_FIRST = 1024;

// Places on the agenda, in the order of a tick.
const FLAGS = 0;
const CHANGES = 1;
const FINISHES = 2;
const ARRIVALS = 3;
const ANSWERS = 4;
/** Before the others, which it takes along. */
const EARLY_TIMEOUTS = 5;
const TIMEOUTS = 6;
const WAKES = 7;
const CALLS = 8;
const PLACES = 9;

// Where the numbers of a request's record lie, 64 bytes: doubles first, then integers.
const DOUBLES_SHIFT = 3;
const SENT = 0;
const SERVICE = 1;
/** Until when its client waits. */
const LIMIT = 2;
const STARTED = 3;
const DELAY_BEFORE = 4;
const DEADLINE = 5;
const INTS_SHIFT = 4;
const CLIENT = 12;
const CALL = 13;
const ORDER = 14;
const STATE = 15;

/** Of the order: attempts, each with its parts; more than a session reset has requests. */
const PART_BITS = 7;
const PART_MASK = 2 ** PART_BITS - 1;

// Of the state: bits, then the version by which the call is decided, then the number of the end.
const HAS_LEFT = 1;
/** The server and the network are done with it. */
const IS_DONE = 2;
/** Its client gives up before the usual timeout. */
const IS_EARLY = 4;
const IS_OVER = HAS_LEFT | IS_DONE;
const VERSION_SHIFT = 3;
/** There are at most a hundred cohorts, with two versions each. */
const VERSION_MASK = 255;
const END_SHIFT = 11;

// Numbers of ends, as in `ExpressWorld.ends`.
const NO_END = -1;
const ANSWERED_END = 0;
const REJECTED_END = 1;
const TIMEOUT_END = 2;

/** In the place of a service time: the worker is busy saying no. */
const REJECTING = -1;

/** Ids of events are not negative. */
const EARLY_MASK = 0x7fffffff;

// Marks.
const MASK = 0;
/** The oldest request that somebody still needs. */
const FIRST = 1;
/** Where the next request goes that is sent. */
const END = 2;
/** The next to arrive at the server. */
const ARRIVING = 3;
/** The next whose client may give up, of those with the usual timeout. */
const EXPIRING = 4;
const FIRST_ANSWER = 5;
const END_ANSWER = 6;
const FIRST_QUEUED = 7;
const END_QUEUED = 8;
/** Workers at work. */
const BUSY = 9;
/** Of the call in hand: by which version it is decided, and how its last attempt ended. */
const VERSION = 10;
const LAST_END = 11;
/** What is to be done before time moves on: the bits below. */
const TICK_OPEN = 12;
const ATTEMPTS_ENDED = 13;
/** More than there are: V8 keeps arrays of up to 64 bytes where it may move them, without an address to compile in. */
const MARKS = 32;

// What may be open in a tick.
/** Requests were sent in another order than that of a tick. */
const IS_MIXED = 1;
const HAS_EARLY = 2;
const HAS_MIXED_ANSWERS = 4;
/** The ring was full. */
const IS_OVERFULL = 8;
/** So many attempts were sent as the run may have. */
const IS_BOUND_REACHED = 16;

// What is given for the whole run, in µs, and how far it is.
const TICK = 0;
const NETWORK = 1;
const TIMEOUT = 2;
/** What a rejection takes of a worker's time. */
const REJECTION = 3;
const ATTEMPTS_BOUND = 4;
const STATE_AT = 5;
const LAST = 6;
const NOW = 7;
const HORIZON = 8;
const OF_NO_MEANING = 9;
const GIVENS = 10;

const UNFINISHED = Object.freeze({ kind: "unfinished" });
