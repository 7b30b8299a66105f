import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { registry } from "../../policies/index.ts";
import { okOrThrow } from "../../src/fetch/index.ts";
import { createRetry, RetryStopped } from "../../src/index.ts";
import { overloadedServer, type ServerSpec } from "../../src/msw/index.ts";

// An app's existing MSW tests, with handlers of their own.
const msw = setupServer(http.get("http://app.test/ping", () => HttpResponse.text("pong")));
beforeAll(() => msw.listen({ onUnhandledFrame: "error" }));
afterEach(() => {
  msw.resetHandlers();
  vi.useRealTimers();
});
afterAll(() => msw.close());

const URL = "http://app.test/orders";
const oneWorker: Partial<ServerSpec> = {
  workers: [{ fromMs: 0, workers: 1 }],
  service: { distribution: "deterministic", meanMs: 300 },
  queue: { places: 0, order: "fifo" },
};

describe("overloadedServer", () => {
  test("answers what it can serve and rejects the rest, beside other handlers", async () => {
    const rejection = { status: 503, retryAfterMs: 2000, costMs: 0 };
    msw.use(
      ...overloadedServer({
        url: URL,
        server: { ...oneWorker, rejection },
        networkMs: 1,
        answer: () => HttpResponse.json({ fine: true }),
      }),
    );
    const responses = await Promise.all([fetch(URL), fetch(URL), fetch(URL)]);
    expect(responses.map(({ status }) => status)).toEqual([200, 503, 503]);
    expect(responses[1].headers.get("retry-after")).toBe("2");
    expect(await responses[0].json()).toEqual({ fine: true });
    expect(await (await fetch("http://app.test/ping")).text()).toBe("pong");
  });

  test("breaks connections during an outage, and comes back", async () => {
    const faults = [{ kind: "outage", fromMs: 0, untilMs: 100 }] as const;
    msw.use(...overloadedServer({ url: URL, server: oneWorker, faults: [...faults] }));
    await expect(fetch(URL)).rejects.toThrow(TypeError);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect((await fetch(URL)).status).toBe(204);
  });

  test("is where a retry helper shows what it does", async () => {
    const faults = [{ kind: "outage", fromMs: 0, untilMs: 100 }] as const;
    msw.use(...overloadedServer({ url: URL, server: oneWorker, faults: [...faults] }));
    const policy = registry.fixed.make({
      attemptsMax: 5,
      delayBaseMs: 60,
      delayMaxMs: 60,
      budgetRatio: 0.1,
      budgetTokensMax: 10,
      deadlineMs: 1000,
    });
    const retry = createRetry({ policy, timeoutMs: 500 });
    const attempts: number[] = [];
    const response = await retry(async ({ attempt, signal }) => {
      attempts.push(attempt);
      return okOrThrow(await fetch(URL, { signal }));
    });
    expect(response.status).toBe(204);
    expect(attempts.length).toBeGreaterThan(1);
  });

  test("does late work for those who left", async () => {
    // So long that a slow machine is not slower.
    const service = { distribution: "deterministic", meanMs: 60_000 } as const;
    msw.use(...overloadedServer({ url: URL, server: { ...oneWorker, service }, networkMs: 1 }));
    const impatient = fetch(URL, { signal: AbortSignal.timeout(20) });
    await expect(impatient).rejects.toThrow("timeout");
    expect((await fetch(URL)).status).toBe(503);
  });

  test("says yes at a gate that drops, without asking the app for its answer", async () => {
    const admission = [{ fromMs: 0, gate: "drop" }] as const;
    let asked = 0;
    const answer = () => {
      asked++;
      return HttpResponse.json({ fine: true });
    };
    const server = { ...oneWorker, admission: [...admission] };
    msw.use(...overloadedServer({ url: URL, server, networkMs: 1, answer }));
    expect((await fetch(URL)).ok).toBe(true);
    expect(asked).toBe(0);
  });

  test("leaves a client waiting whose request is lost, until it leaves", async () => {
    const faults = [{ kind: "loss", fromMs: 0, untilMs: 60_000, share: 1 }] as const;
    msw.use(...overloadedServer({ url: URL, server: oneWorker, faults: [...faults] }));
    await expect(fetch(URL, { signal: AbortSignal.timeout(30) })).rejects.toThrow("timeout");
  });

  test("follows fake timers", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
    const service = { distribution: "deterministic", meanMs: 3_600_000 } as const;
    msw.use(...overloadedServer({ url: URL, server: { ...oneWorker, service } }));
    let status = 0;
    const answered = fetch(URL).then((response) => {
      status = response.status;
    });
    const { setImmediate: turn } =
      await vi.importActual<typeof import("node:timers")>("node:timers");
    await new Promise((resolve) => turn(resolve));
    await vi.advanceTimersByTimeAsync(3_600_009);
    expect(status).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    await answered;
    expect(status).toBe(204);
  });

  test("says which option is wrong", () => {
    expect(() => overloadedServer({ networkMs: -1 })).toThrow(/networkMs/);
    expect(() => overloadedServer({ server: { rejection: { status: 200, costMs: 0 } } })).toThrow(
      /server\.rejection\.status/,
    );
  });

  test("an abandoned call leaves no timer behind", async () => {
    msw.use(...overloadedServer({ url: URL, server: oneWorker }));
    const policy = registry.none.make({
      attemptsMax: 1,
      delayBaseMs: 1,
      delayMaxMs: 1,
      budgetRatio: 0.1,
      budgetTokensMax: 10,
      deadlineMs: 1000,
    });
    const timers = () =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    const call = createRetry({ policy, timeoutMs: 10 })(({ signal }) => fetch(URL, { signal }));
    await expect(call).rejects.toThrow(RetryStopped);
    expect(timers()).toBeLessThanOrEqual(before);
  });
});
