import net from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { runMsw } from "../../src/msw/run.ts";
import { defineScenario, type Scenario } from "../../src/scenario.ts";
import { RecordedTrace } from "../../src/trace.ts";
import { fullJitter, laneScenario } from "./scenarios.ts";

const { fetch: realFetch } = globalThis;
afterEach(() => {
  globalThis.fetch = realFetch;
});

async function linesOf(scenario: Scenario, seed: number): Promise<readonly string[]> {
  const trace = new RecordedTrace();
  await runMsw({ scenario, policy: fullJitter(), seed, trace });
  return trace.lines;
}

describe("a run", () => {
  test("leaves the same trace again, whatever ran in between", async () => {
    const first = await linesOf(laneScenario(), 1);
    const other = await linesOf(laneScenario({ networkMs: 1 }), 2);
    expect(other).not.toEqual(first);
    expect(await linesOf(laneScenario(), 1)).toEqual(first);
    expect(first.some((line) => line.includes("rejected 503"))).toBe(true);
    expect(first.some((line) => line.includes("timeout"))).toBe(true);
    expect(first.some((line) => line.includes("waits"))).toBe(true);
  });

  test("is cut at its bound on attempts", async () => {
    const trace = new RecordedTrace();
    const options = { scenario: laneScenario(), policy: fullJitter(), seed: 1, trace };
    const end = await runMsw({ ...options, attemptsBound: 10 });
    expect(end.cut).toBe(true);
    // The tick in which it was met is played to its end.
    expect(end.attempts).toBeGreaterThanOrEqual(10);
    expect(end.attempts).toBeLessThan(15);
    expect(trace.lines.at(-1)).toMatch(/unfinished$/);
  });

  test("ends with what is in flight unfinished, and leaves nothing open", async () => {
    const queue = { places: 100, order: "fifo" } as const;
    const server = { ...laneScenario().server, workers: [{ fromMs: 0, workers: 0 }], queue };
    const clients = { count: 4, timeoutMs: 10_000 };
    const lines = await linesOf(laneScenario({ server, clients, patienceMs: 1 }), 1);
    const unfinished = lines.filter((line) => line.endsWith("attempt 1: unfinished"));
    expect(unfinished.length).toBeGreaterThan(20);
    expect(lines.at(-1)).toMatch(/^1001 ms client 3 .* ends after 1 attempt: unfinished$/);
    expect(process.getActiveResourcesInfo()).not.toContain("TCPSocketWrap");
  });

  test("refuses a tick of 1 µs, what only the simulator knows, and a second run at the same time", async () => {
    const run = (scenario: Scenario) =>
      runMsw({ scenario, policy: fullJitter(), seed: 1, trace: new RecordedTrace() });
    const chain = defineScenario({ ...laneScenario(), downstream: [{ name: "store" }] });
    await expect(run(laneScenario({ tickUs: 1 }))).rejects.toThrow(
      'Expected `tickUs` of scenario "lane" to be 1000, got 1.',
    );
    await expect(run(chain)).rejects.toThrow(
      'Expected scenario "lane" to have no `downstream`, for only the simulator has chains.',
    );
    await expect(
      run(laneScenario({ cohorts: [{ name: "all", share: 1, flags: [] }] })),
    ).rejects.toThrow(
      'Expected scenario "lane" to have no `cohorts`, for real clients all have one policy.',
    );
    const several = { requests: 2, order: "in-turn" as const };
    await expect(run(laneScenario({ attempt: several }))).rejects.toThrow("`attempt.requests`");
    const waiting = laneScenario({ recipients: { count: 1 } });
    await expect(run(waiting)).rejects.toThrow("`recipients`");
    const first = run(laneScenario());
    await expect(run(laneScenario())).rejects.toThrow("one MSW run at a time");
    await first;
  });
});

describe("a run fails", () => {
  /** The third request does `first` before it is sent. */
  function disturb(first: () => unknown): void {
    let requests = 0;
    globalThis.fetch = async (...args) => {
      if (++requests === 3) await first();
      return realFetch(...args);
    };
  }

  test("when a request takes virtual time to reach the server", async () => {
    disturb(() => new Promise((resolve) => setTimeout(resolve, 2)));
    await expect(linesOf(laneScenario(), 1)).rejects.toThrow(
      /client \d call \d attempt \d is sending/,
    );
  });

  test("when an answer takes virtual time to reach its client", async () => {
    let requests = 0;
    globalThis.fetch = async (...args) => {
      const response = await realFetch(...args);
      if (++requests === 3) await new Promise((resolve) => setTimeout(resolve, 2));
      return response;
    };
    await expect(linesOf(laneScenario(), 1)).rejects.toThrow(
      /client \d call \d attempt \d is answered/,
    );
  });

  test("when a request never leaves its client", async () => {
    disturb(() => {
      throw new TypeError("fetch failed");
    });
    await expect(linesOf(laneScenario(), 1)).rejects.toThrow(/without the server's answer/);
  });

  test("when anything sends a request that nobody named", async () => {
    disturb(() => realFetch("http://overloaded.test/"));
    await expect(linesOf(laneScenario(), 1)).rejects.toThrow(/unhandled request/);
    disturb(() => realFetch("http://elsewhere.test/").catch(() => {}));
    await expect(linesOf(laneScenario(), 1)).rejects.toThrow(/unhandled request/);
  });

  test("when anything reaches for the real network", async () => {
    // MSW lets pass a connection that listens before it speaks.
    const dialing = (host: string) => {
      const trace = new RecordedTrace();
      trace.waitStarted = () => {
        const socket = net.connect({ host, port: 9 });
        socket.on("error", () => {});
        socket.on("data", () => {});
      };
      return runMsw({ scenario: laneScenario(), policy: fullJitter(), seed: 1, trace });
    };
    await expect(dialing("127.0.0.1")).rejects.toThrow(/a connection to 127.0.0.1 port 9/);
    await expect(dialing("elsewhere.test")).rejects.toThrow(/a look-up of elsewhere.test/);
  });

  test("when its policy throws, with what it threw", async () => {
    const policy = {
      name: "broken",
      initial: {},
      decide: () => {
        throw new RangeError("no idea");
      },
    };
    const trace = new RecordedTrace();
    const run = runMsw({ scenario: laneScenario(), policy, seed: 1, trace });
    await expect(run).rejects.toThrow(new RangeError("no idea"));
  });
});
