import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { singleFlight } from "../../src/session/index.ts";
import { busy, clientOf, listeners, policyOf, watched } from "../retry/client.ts";
import { microtasks, VirtualClock } from "../virtual-clock.ts";

/** A reset that ends when the test says so. */
class Session {
  readonly begun: { readonly limitMs: number; readonly signal: AbortSignal }[] = [];
  readonly #ends: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  readonly reset = singleFlight((context) => {
    this.begun.push(context);
    return new Promise<void>((resolve, reject) => this.#ends.push({ resolve, reject }));
  });

  /** Someone who wants it reset, and may leave. */
  ride(limitMs = 1000) {
    const leaving = new AbortController();
    const { signal } = leaving;
    const leave = (reason?: unknown) => leaving.abort(reason);
    return { leave, signal, seen: watched(Promise.resolve(this.reset({ limitMs, signal }))) };
  }

  async end(n: number, error?: unknown): Promise<void> {
    if (error === undefined) this.#ends[n].resolve();
    else this.#ends[n].reject(error);
    await microtasks();
  }
}

describe("a session reset in single flight", () => {
  test("is one for all who want it while it runs, and ends for all", async () => {
    const session = new Session();
    const riders = [session.ride(100), session.ride(200), session.ride(300)];
    expect(session.begun).toMatchObject([{ limitMs: 100 }]);
    await session.end(0);
    for (const { seen, signal } of riders) {
      expect(seen.state).toBe("resolved");
      expect(listeners(signal)).toBe(0);
    }
    session.ride(400);
    expect(session.begun).toHaveLength(2);
  });

  test("fails for all who want it, and the next begins anew", async () => {
    const session = new Session();
    const riders = [session.ride(), session.ride()];
    await session.end(0, new Error("no session"));
    for (const { seen } of riders) expect(seen.error).toMatchObject({ message: "no session" });
    session.ride();
    expect(session.begun).toHaveLength(2);
  });

  test("that throws at once is a failed one", async () => {
    const reset = singleFlight(() => {
      throw new Error("no session");
    });
    const { signal } = new AbortController();
    await expect(reset({ limitMs: 1, signal })).rejects.toThrow("no session");
  });

  test("goes on while anyone wants it, and is aborted when the last has left", async () => {
    const session = new Session();
    const [first, second] = [session.ride(), session.ride()];
    first.leave();
    expect(session.begun[0].signal.aborted).toBe(false);
    second.leave("enough");
    expect(session.begun[0].signal).toMatchObject({ aborted: true, reason: "enough" });
    session.ride();
    expect(session.begun).toHaveLength(2);
  });

  test("that is left and ends late takes no other's place", async () => {
    const session = new Session();
    session.ride().leave();
    session.ride();
    await session.end(0);
    session.ride();
    expect(session.begun).toHaveLength(2);
  });

  test("in any order of wants, leaves and ends is one at a time, and everyone's", async () => {
    const act = fc.record({
      what: fc.constantFrom("ride", "leave", "end", "fail"),
      which: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        const session = new Session();
        /** By reset: who wants it, and whether it is over. */
        const flights: { wanting: Set<number>; isOver: boolean }[] = [];
        const riders: ReturnType<Session["ride"]>[] = [];
        for (const { what, which } of acts) {
          const running = flights.findIndex((f) => !f.isOver && f.wanting.size > 0);
          if (what === "ride") {
            if (running < 0) flights.push({ wanting: new Set(), isOver: false });
            flights.at(-1)?.wanting.add(riders.push(session.ride()) - 1);
          } else if (what === "leave" && which < riders.length) {
            riders[which].leave();
            for (const { wanting } of flights) wanting.delete(which);
          } else if (running >= 0 && what !== "leave") {
            await session.end(running, what === "fail" ? new Error("no") : undefined);
            flights[running].isOver = true;
            for (const rider of flights[running].wanting) {
              expect(riders[rider].seen.state).toBe(what === "fail" ? "rejected" : "resolved");
              expect(listeners(riders[rider].signal)).toBe(0);
            }
          }
          expect(session.begun).toHaveLength(flights.length);
          const alive = session.begun.filter(
            ({ signal }, n) => !signal.aborted && !flights[n].isOver,
          );
          expect(alive.length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

test("calls of several clients that reset at the same time share one reset", async () => {
  const policy = policyOf(
    ({ attempt }) => (attempt < 2 ? { do: "wait", delayMs: 100 } : { do: "stop", why: "attempts" }),
    () => ({ do: "send", resetSession: true }),
  );
  const { clock } = clientOf({ policy });
  let built = 0;
  const resetSession = singleFlight(async () => {
    await clock.sleep(30);
    built++;
  });
  const attempt = ({ attempt }: { attempt: number }) => (attempt === 1 ? busy() : built);
  const calls = Array.from({ length: 6 }, (_, n) => {
    const { retry } = clientOf({ policy, clock, resetSession, clientId: n % 2 });
    return watched(retry(attempt));
  });
  await clock.advance(129);
  expect(calls.map(({ state }) => state)).toEqual(Array(6).fill("pending"));
  await clock.advance(1);
  expect(calls.map(({ value }) => value)).toEqual(Array(6).fill(1));
  expect(clock.pending).toBe(0);
});

describe("with an interval", () => {
  const clients = (outcomes: (Error | undefined)[]) => {
    const clock = new VirtualClock(1000);
    let resets = 0;
    const reset = singleFlight(
      async () => {
        const error = outcomes[resets++];
        if (error) throw error;
      },
      { intervalMs: 60_000, clock },
    );
    const { signal } = new AbortController();
    return { clock, reset: () => reset({ limitMs: 1000, signal }), resets: () => resets };
  };

  test("there is at most one for all clients, however many want it, one after the other", async () => {
    const { clock, reset, resets } = clients([]);
    await reset();
    clock.jump(59_999);
    await reset();
    expect(resets()).toBe(1);
    clock.jump(1);
    await reset();
    expect(resets()).toBe(2);
  });

  test("one that failed does not count", async () => {
    const { reset, resets } = clients([new Error("no")]);
    await expect(reset()).rejects.toThrow("no");
    await reset();
    await reset();
    expect(resets()).toBe(2);
  });

  test("that is no time is refused", () => {
    expect(() => singleFlight(() => {}, { intervalMs: -1 })).toThrow(
      "Expected `intervalMs` to be a number of milliseconds ≥ 0, got -1.",
    );
  });
});
