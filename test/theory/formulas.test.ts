/**
 * The formulas themselves, against values printed or computed elsewhere, against one another, and at
 * their limits; μ = 1.
 */
import { describe, expect, test } from "vitest";
import { excessRecoveryMs } from "./debt.ts";
import { trafficWithRetries } from "./erlang-reattempts.ts";
import { attemptsOfCall, layers, success } from "./geometric.ts";
import { longRunShares } from "./markov-chain.ts";
import * as mg1 from "./mg1.ts";
import * as mm1 from "./mm1.ts";
import { meanOrbit, varianceOfOrbit } from "./mm1-retrial.ts";
import { erlangB, erlangC, meanWait } from "./mmc.ts";
import * as mmck from "./mmck.ts";
import { orbitQueue } from "./orbit-chain.ts";

describe("M/M/c", () => {
  test.each([
    [0.8, 1, 0.444444, 0.8, 4],
    [1.6, 2, 0.329897, 0.711111, 1.777778],
    [4, 5, 0.199067, 0.554113, 0.554113],
    [8, 10, 0.121661, 0.40918, 0.20459],
    [40, 50, 0.018691, 0.086953, 0.008695],
  ])("with a = %d and c = %d: Erlang B, Erlang C, mean wait", (a, c, b, waiting, wait) => {
    expect(erlangB(a, c)).toBeCloseTo(b, 6);
    expect(erlangC(a, c)).toBeCloseTo(waiting, 6);
    expect(meanWait(a, c)).toBeCloseTo(wait, 6);
  });

  /** M. Brooker, https://brooker.co.za/blog/2020/08/06/erlang.html, prints "≈13 %" and "≈3.6 %". */
  test("as an article on its economics prints it", () => {
    expect(erlangC(2.5, 5)).toBeCloseTo(0.13037, 5);
    expect(erlangC(5, 10)).toBeCloseTo(0.03611, 5);
  });

  test("with one worker is M/M/1", () => {
    expect(meanWait(0.7, 1)).toBeCloseTo(mm1.meanResponse(0.7) - 1, 12);
    expect(erlangC(0.7, 1)).toBeCloseTo(mm1.shareFrom(0.7, 1), 12);
  });
});

describe("M/M/c/K", () => {
  test.each([
    [0.9, 1, 10, 0.050814, 3.969441],
    [1.5, 1, 10, 0.337232, 8.128659],
    [4, 5, 20, 0.003961, 5.918844],
    [12, 10, 50, 0.166717, 45.013464],
  ])("with a = %d, c = %d and K = %d: loss and mean number", (a, c, k, loss, mean) => {
    expect(mmck.loss(a, c, k)).toBeCloseTo(loss, 6);
    expect(mmck.meanPresent(a, c, k)).toBeCloseTo(mean, 6);
  });

  test("without a queue is Erlang B, with an endless one M/M/1", () => {
    expect(mmck.loss(4, 5, 5)).toBeCloseTo(erlangB(4, 5), 12);
    expect(mmck.meanPresent(0.5, 1, 200)).toBeCloseTo(mm1.meanPresent(0.5), 12);
  });

  test("is what the Markov chain of the number present settles in", () => {
    const [a, c, k] = [6, 5, 10];
    const rate = (from: number, to: number) => (to > from ? a : Math.min(from, c));
    const shares = longRunShares({ states: k + 1, reach: 1, rate });
    for (const [n, share] of mmck.shares(a, c, k).entries()) {
      expect(shares[n]).toBeCloseTo(share, 12);
    }
  });
});

describe("M/G/1", () => {
  test("with exponential service is M/M/1, with deterministic service waits half as long", () => {
    const wait = (secondMoment: number) => mg1.meanWait(0.6, secondMoment);
    expect(wait(mg1.secondMoment({ distribution: "exponential", meanMs: 20 }))).toBeCloseTo(
      1.5,
      12,
    );
    expect(wait(mg1.secondMoment({ distribution: "deterministic", meanMs: 20 }))).toBeCloseTo(
      0.75,
      12,
    );
  });

  test("a service of 1 nine times, then 11, has the mean 2 and the second moment 13", () => {
    const service = {
      distribution: "bimodal",
      meanMs: 20,
      slowShare: 0.1,
      slowFactor: 11,
    } as const;
    expect(mg1.secondMoment(service)).toBeCloseTo(13 / 2 ** 2, 12);
    const serviceMs = [1, 1, 1, 1, 1, 1, 1, 1, 1, 11];
    const recorded = { distribution: "recorded", serviceMs, meanMs: 20 } as const;
    expect(mg1.secondMoment(recorded)).toBeCloseTo(13 / 2 ** 2, 12);
  });

  test("a lognormal service of mean m has the second moment m² exp(σ²)", () => {
    const sigma = Math.sqrt(Math.log(2));
    expect(mg1.secondMoment({ distribution: "lognormal", meanMs: 20, sigma })).toBeCloseTo(2, 12);
  });
});

describe("the M/M/1 retrial queue", () => {
  test.each([
    [0.8, 0.5, 9.6, 50.56],
    [0.8, 2, 4.8, 26.56],
    [0.5, 1, 1, 2.25],
    [0.9, 1, 16.2, 169.29],
  ])("with λ = %d and ν = %d: mean and variance of the orbit", (lambda, nu, mean, variance) => {
    expect(meanOrbit({ lambda, nu })).toBeCloseTo(mean, 9);
    expect(varianceOfOrbit({ lambda, nu })).toBeCloseTo(variance, 9);
  });

  test("is the exact chain with one worker", () => {
    const exact = orbitQueue({ traffic: 0.5, workers: 1, retries: 0.2, orbitMax: 150 });
    expect(exact.meanOrbit).toBeCloseTo(meanOrbit({ lambda: 0.5, nu: 0.2 }), 9);
    expect(exact.meanBusy).toBeCloseTo(0.5, 9);
  });
});

describe("the M/M/c/c retrial queue", () => {
  const exact = (retries: number, orbitMax = 400) =>
    orbitQueue({ traffic: 4, workers: 5, retries, orbitMax });

  test.each([
    [0.1, 30.8712, 0.420965],
    [1, 5.261394, 0.455345],
    [10, 2.566922, 0.521467],
    [100, 2.254047, 0.549445],
  ])("with c = 5, λ = 4 and ν = %d: mean of the orbit, share of time full", (nu, mean, full) => {
    expect(exact(nu).meanOrbit).toBeCloseTo(mean, nu === 0.1 ? 4 : 6);
    expect(exact(nu).blockedFirst).toBeCloseTo(full, 6);
    expect(exact(nu).meanBusy).toBeCloseTo(4, 9);
  });

  test("with short waits is M/M/c", () => {
    expect(exact(1e6).meanOrbit).toBeCloseTo(4 * meanWait(4, 5), 4);
    expect(exact(1e6).blockedFirst).toBeCloseTo(erlangC(4, 5), 4);
  });

  test("with long waits is Erlang B with the retries as more traffic", () => {
    const retries = trafficWithRetries(4, 5, 1) - 4;
    expect(0.01 * exact(0.01, 1_200).meanOrbit).toBeCloseTo(retries, 1);
    expect(exact(0.01, 1_200).blockedFirst).toBeCloseTo(erlangB(4 + retries, 5), 2);
  });
});

describe("Erlang B with geometric re-attempts", () => {
  test("as engineers approximate it", () => {
    const traffic = trafficWithRetries(8, 10, 0.5);
    expect(traffic).toBeCloseTo(8.657784, 6);
    expect(erlangB(traffic, 10)).toBeCloseTo(0.151952, 6);
    expect(traffic / 8).toBeCloseTo(1.08222, 5);
    expect(trafficWithRetries(8, 10, 1)).toBeCloseTo(10.47365, 6);
  });

  const exact = (retries: number, orbitMax: number) =>
    orbitQueue({ traffic: 8, workers: 10, persistence: 0.5, retries, orbitMax });

  test("is approximated the better, the longer the waits", () => {
    const error = (retries: number) =>
      Math.abs(exact(retries, 300).blocked - erlangB(trafficWithRetries(8, 10, 0.5), 10));
    expect(error(10)).toBeGreaterThan(0.04);
    expect(error(0.1)).toBeLessThan(0.002);
    expect(error(0.01)).toBeLessThan(0.0002);
  });

  test("balances: attempts are calls and half of the rejected attempts; what is not lost is served", () => {
    const { amplification, blocked, lost } = exact(1, 150);
    expect(amplification).toBeCloseTo(1 + 0.5 * blocked * amplification, 9);
    expect(lost).toBeCloseTo(0.5 * blocked * amplification, 9);
  });
});

describe("retries of independent failures", () => {
  test("three retries of p = 0.5 and p = 0.75", () => {
    expect(success(0.5, 3)).toBe(0.9375);
    expect(attemptsOfCall(0.5, 3)).toBe(1.875);
    expect(success(0.75, 3)).toBeCloseTo(0.6836, 4);
    expect(attemptsOfCall(0.75, 3)).toBeCloseTo(2.734, 3);
  });

  test("of a server that is gone: all attempts, and no success", () => {
    expect(attemptsOfCall(1, 3)).toBe(4);
    expect(success(1, 3)).toBe(0);
  });

  /**
   * Five layers of three tries: "Timeouts, retries, and backoff with jitter", Amazon Builders' Library.
   * Three layers of four attempts: https://sre.google/sre-book/addressing-cascading-failures/
   */
  test("in layers multiply: 243 and 64", () => {
    expect(layers(3, 5)).toBe(243);
    expect(layers(attemptsOfCall(1, 3), 3)).toBe(64);
  });
});

test("law 2's debt: 200 jars of 10 tokens, at 700/s of 1,000/s, are 6.7 s", () => {
  const debt = { clients: 200, tokens: 10, capacityPerSecond: 1_000, offeredPerSecond: 700 };
  expect(excessRecoveryMs(debt)).toBeCloseTo(6_666.7, 1);
});
