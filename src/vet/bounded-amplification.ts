/**
 * Law 1: a client's extra requests are bounded by its claim, over any interval.
 *
 * Extra requests are retries, hedges and the requests of session resets. That no interval holds more than
 * burst + ratio · successes + perSecond · seconds is the same as: a bucket that fills with extra
 * requests and drains with successes and time never holds more than the burst.
 */
import { CLAIM_DEFAULT, type Claim } from "../policy.ts";
import { type CallEnd, SilentTrace } from "../trace.ts";
import { broken, KEPT, type Law, type Verdict } from "./law.ts";

export const boundedAmplification: Law = {
  number: 1,
  name: "bounded amplification",
  promise: "a client's retries and hedges never exceed its tokens plus its ratio of successes",
  async judge(policy, { scenario, seed }, run) {
    const trace = new Debts(policy.claim ?? CLAIM_DEFAULT);
    await run({ scenario, policy, seed, trace });
    return trace.verdict();
  },
};

interface Debt {
  thousandths: number;
  changedUs: number;
  extra: number;
  successes: number;
}

class Debts extends SilentTrace {
  readonly #claim: Claim;
  readonly #clients = new Map<number, Debt>();
  #verdict = KEPT;
  #calls = 0;
  #requests = 0;

  constructor(claim: Claim) {
    super();
    this.#claim = claim;
  }

  verdict(): Verdict {
    if (this.#verdict.kept !== false) return this.#verdict;
    return broken(
      `${this.#verdict.how} In all: ${this.#requests} requests for ${this.#calls} calls.`,
    );
  }

  override callStarted(): void {
    this.#calls++;
  }

  override requestSent(
    atUs: number,
    client: number,
    _call: number,
    attempt: number,
    part: number,
  ): void {
    this.#requests++;
    if (attempt === 1 && part === 0) return;
    const debt = this.#of(atUs, client);
    debt.extra++;
    debt.thousandths += 1000;
    const { burstPerClient, ratio } = this.#claim;
    if (debt.thousandths > burstPerClient * 1000 + 1e-6 && this.#verdict.kept === true) {
      this.#verdict = broken(
        `Client ${client} sent ${debt.extra} extra requests by ${atUs / 1000} ms, with ${debt.successes} calls ` +
          `answered; its claim allows ${burstPerClient} and ${ratio} for each answered call.`,
      );
    }
  }

  override callEnded(
    atUs: number,
    client: number,
    _call: number,
    _attempts: number,
    _startedUs: number,
    end: CallEnd,
  ): void {
    // A policy is told of a success, whatever came of it.
    if (end !== "answered" && end !== "dropped") return;
    const debt = this.#of(atUs, client);
    debt.successes++;
    debt.thousandths = Math.max(0, debt.thousandths - this.#claim.ratio * 1000);
  }

  #of(atUs: number, client: number): Debt {
    let debt = this.#clients.get(client);
    if (debt === undefined) {
      debt = { thousandths: 0, changedUs: atUs, extra: 0, successes: 0 };
      this.#clients.set(client, debt);
    }
    const drained = (this.#claim.perSecond * (atUs - debt.changedUs)) / 1000;
    debt.thousandths = Math.max(0, debt.thousandths - drained);
    debt.changedUs = atUs;
    return debt;
  }
}
