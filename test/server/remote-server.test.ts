/** The server as its clients meet it: the network delay of the scenario away, each way. */
import { describe, expect, test } from "vitest";
import { defineScenario, type FaultSpec } from "../../src/scenario.ts";
import { RemoteServer } from "../../src/server/remote-server.ts";
import { SPEC } from "./reception.ts";

function remote(
  networkMs: number,
  tickUs: 1 | 1000 = 1000,
  workers = 3,
  faults: readonly FaultSpec[] = [],
  served = () => {},
): RemoteServer {
  const scenario = defineScenario({
    name: "remote",
    shows: "The network.",
    runMs: 1_000,
    tickUs,
    networkMs,
    load: { kind: "herd", fromMs: 0, overMs: 0 },
    server: { ...SPEC, workers: [{ fromMs: 0, workers }] },
    faults,
  });
  return new RemoteServer(scenario, 1, served);
}

/** Every answer by the time it reaches its client. */
function answersOf(server: RemoteServer): string[] {
  const answers: string[] = [];
  while (server.nextAtUs() < 1e9) {
    const atUs = server.nextAtUs();
    server.advance(atUs);
    for (let slot = server.takeAnswer(atUs); slot >= 0; slot = server.takeAnswer(atUs)) {
      const client = server.requests.client(slot);
      const attempt = server.requests.attempt(slot);
      answers.push(`${atUs / 1000} ms ${client}.${attempt}: ${server.endOf(slot).kind}`);
      server.requests.done(slot);
    }
  }
  server.check(1e9);
  return answers;
}

describe("the network", () => {
  test.each([
    [1, 1000, 12],
    [7, 1000, 24],
    [2.5, 1000, 16],
    [2.5, 1, 15],
    [0.001, 1, 10.002],
  ] as const)("delays by %d ms each way, rounded up to ticks of %d µs", (networkMs, tickUs, ms) => {
    const server = remote(networkMs, tickUs);
    server.send(0, server.requests.open(0, 1, 1, 0, 0));
    expect(answersOf(server)).toEqual([`${ms} ms 0.1: answered`]);
  });

  test("brings what arrives in one tick to the server in order of client, call and attempt", () => {
    const server = remote(1, 1000, 2);
    for (const [client, attempt] of [
      [9, 1],
      [2, 3],
      [2, 1],
      [5, 1],
    ]) {
      server.send(0, server.requests.open(client, 1, attempt, 0, 0));
    }
    expect(answersOf(server)).toEqual([
      "12 ms 2.1: answered",
      "12 ms 2.3: answered",
      "22 ms 5.1: answered",
      "22 ms 9.1: answered",
    ]);
  });
});

describe("a network that loses", () => {
  const loss = (share: number, fromMs = 0, untilMs = 999) =>
    ({ kind: "loss", share, fromMs, untilMs }) as const;
  const COUNT = 2_000;

  /** What came of one request of each client: at the server, and at the client. */
  function counts(faults: readonly FaultSpec[], sentMs = 0, part = 0) {
    let served = 0;
    const server = remote(1, 1, COUNT, faults, () => served++);
    server.advance(sentMs * 1000);
    for (let client = 0; client < COUNT; client++) {
      server.send(sentMs * 1000, server.requests.open(client, 1, 1, part, 0));
    }
    return { answered: answersOf(server).length, served };
  }

  test("lets a share of the requests never arrive, and of the answers never come back", () => {
    const { served, answered } = counts([loss(0.3)]);
    expect(Math.abs(served - 1_400) / Math.sqrt(COUNT * 0.7 * 0.3)).toBeLessThan(4);
    expect(Math.abs(answered - 980) / Math.sqrt(COUNT * 0.49 * 0.51)).toBeLessThan(4);
    expect(counts([loss(1)])).toEqual({ served: 0, answered: 0 });
    expect(counts([loss(0)])).toEqual({ served: COUNT, answered: COUNT });
  });

  test("loses twice with two losses at once", () => {
    const { served } = counts([loss(0.5), loss(0.5)]);
    expect(Math.abs(served - 500) / Math.sqrt(COUNT * 0.25 * 0.75)).toBeLessThan(4);
  });

  test("loses what is sent meanwhile: what was on its way before arrives", () => {
    // Sent at 5 ms, at the server from 6 to 16 ms.
    expect(counts([loss(1, 6, 16)], 5)).toEqual({ served: COUNT, answered: COUNT });
    expect(counts([loss(1, 5, 6)], 5)).toEqual({ served: 0, answered: 0 });
    expect(counts([loss(1, 16, 17)], 5)).toEqual({ served: COUNT, answered: 0 });
  });

  test("loses each part of a session reset by its own chance", () => {
    const [attempts, resets] = [0, 1].map((part) => counts([loss(0.5)], 0, part));
    expect(attempts).not.toEqual(resets);
  });
});

describe("the requests in flight", () => {
  test("keep a slot until both the caller and the server are done with it", () => {
    const { requests } = remote(1);
    const slot = requests.open(1, 1, 1, 0, 0);
    requests.leave(slot);
    expect(requests.open(2, 1, 1, 0, 0)).not.toBe(slot);
    requests.done(slot);
    expect(requests.open(3, 1, 1, 0, 0)).toBe(slot);
    expect(requests.hasLeft(slot)).toBe(false);
  });

  test("keep what they hold while they grow", () => {
    const { requests } = remote(1);
    const slots = Array.from({ length: 5_000 }, (_, client) =>
      requests.open(client, client + 1, client + 2, client % 4, client + 3),
    );
    for (const slot of slots) {
      requests.setArrivedUs(slot, slot * 1e6);
      requests.setServiceUs(slot, slot * 1e5);
      requests.setLimitUs(slot, slot * 1e4);
    }
    const held = slots.map((s) => [
      requests.client(s),
      requests.call(s),
      requests.attempt(s),
      requests.part(s),
      requests.owner(s),
      requests.arrivedUs(s),
      requests.serviceUs(s),
      requests.limitUs(s),
    ]);
    expect(held).toEqual(
      slots.map((s, c) => [c, c + 1, c + 2, c % 4, c + 3, s * 1e6, s * 1e5, s * 1e4]),
    );
  });
});
