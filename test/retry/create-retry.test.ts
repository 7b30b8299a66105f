import { describe, expect, test } from "vitest";
import { type Policy, RetryStopped } from "../../src/index.ts";
import { microtasks, VirtualClock } from "../virtual-clock.ts";
import { busy, clientOf, diary, overheard, policyOf, waiting, watched } from "./client.ts";

describe("a call", () => {
  test("that succeeds at once is one attempt, and the policy hears of both", async () => {
    const { policy, heard } = overheard(waiting(3));
    const { retry, clock } = clientOf({ policy });
    expect(await retry(({ attempt }) => `answer ${attempt}`)).toBe("answer 1");
    expect(heard).toEqual(["1000 start", "1000 success 1"]);
    expect(clock.pending).toBe(0);
  });

  test("waits as the policy says, and asks it again before each retry", async () => {
    const { policy, heard } = overheard(waiting(3));
    const { retry, clock } = clientOf({ policy });
    const call = watched(retry(({ attempt }) => (attempt < 3 ? busy() : attempt)));
    await clock.advance(99);
    expect(heard).toEqual(["1000 start", "1000 failure 1 rejected"]);
    await clock.advance(101);
    expect(call).toMatchObject({ value: 3 });
    expect(heard.slice(2)).toEqual([
      "1100 wake 1",
      "1100 failure 2 rejected",
      "1200 wake 2",
      "1200 success 3",
    ]);
  });

  test("is handed { attempt, limitMs, signal }", async () => {
    const { retry } = clientOf({ policy: waiting(1) });
    const { attempt, limitMs, signal } = await retry((attempt) => attempt);
    expect({ attempt, limitMs }).toEqual({ attempt: 1, limitMs: Infinity });
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(signal.aborted).toBe(false);
  });

  test("is told how long each attempt may take: its timeout, and at the end the rest of the call", async () => {
    const { retry, clock } = clientOf({ policy: waiting(9), timeoutMs: 250, deadlineMs: 400 });
    const limitsMs: number[] = [];
    const call = watched(
      retry(({ limitMs }) => {
        limitsMs.push(limitMs);
        return busy();
      }),
    );
    await clock.advance(500);
    expect(call.error).toBeInstanceOf(RetryStopped);
    // Retries after 100, 200 and 300 ms.
    expect(limitsMs).toEqual([250, 250, 200, 100]);
  });

  test("waits before its first attempt when the policy says so", async () => {
    const { policy, heard } = overheard({
      name: "late",
      initial: {},
      decide: (_state, event) =>
        event.kind === "start" ? { do: "wait", delayMs: 50 } : { do: "send" },
    });
    const { retry, clock } = clientOf({ policy });
    const call = watched(retry(() => clock.nowMs()));
    await clock.advance(50);
    expect(call).toMatchObject({ value: 1050 });
    expect(heard).toEqual(["1000 start", "1050 wake 0", "1050 success 1"]);
  });

  test("refused at its start makes no attempt", async () => {
    const { retry } = clientOf({
      policy: { name: "no", initial: {}, decide: () => ({ do: "stop", why: "refused" }) },
    });
    const error = await retry(() => expect.unreachable()).catch((error) => error);
    expect(error).toBeInstanceOf(RetryStopped);
    expect(error).toMatchObject({ why: "refused", attempts: 0, elapsedMs: 0, causes: [] });
    expect("cause" in error).toBe(false);
  });

  test("sets no timer for a wait of 0", async () => {
    const { retry, clock } = clientOf({ policy: policyOf(() => ({ do: "wait", delayMs: 0 })) });
    const call = watched(retry(({ attempt }) => (attempt < 50 ? busy() : attempt)));
    for (let turns = 0; turns < 20; turns++) {
      await microtasks();
      expect(clock.pending).toBe(0);
    }
    expect(call).toMatchObject({ value: 50 });
  });

  test("waits in whole ticks, rounded up", async () => {
    const policy = policyOf(() => ({ do: "wait", delayMs: 10.2 }));
    const { retry, clock } = clientOf({ policy, tickMs: 5 });
    const call = watched(retry(({ attempt }) => (attempt === 1 ? busy() : clock.nowMs())));
    await clock.advance(20);
    expect(call).toMatchObject({ value: 1015 });
  });

  test("whose wait would pass its deadline stops at once", async () => {
    const { retry, clock } = clientOf({ policy: waiting(9), deadlineMs: 250 });
    const call = watched(retry(busy));
    await clock.advance(200);
    expect(call.error).toMatchObject({ why: "deadline", attempts: 3, elapsedMs: 200 });
    expect(clock.pending).toBe(0);
  });

  test("may have a deadline of its own", async () => {
    const { retry, clock } = clientOf({ policy: waiting(9), deadlineMs: 250 });
    const call = watched(retry(busy, { deadlineMs: 50 }));
    await microtasks();
    expect(call.error).toMatchObject({ why: "deadline", attempts: 1, elapsedMs: 0 });
    expect(clock.pending).toBe(0);
  });

  test("is decided in microtasks after an attempt ends, and sent in microtasks after that", async () => {
    const { policy, heard } = overheard(policyOf(() => ({ do: "wait", delayMs: 0 })));
    const { retry } = clientOf({ policy });
    let reject = (_error: unknown) => {};
    let attempts = 0;
    retry(() => {
      attempts++;
      return new Promise((_resolve, rejectIt) => {
        reject = rejectIt;
      });
    });
    await microtasks();
    reject(Object.assign(new Error("busy"), { status: 503 }));
    expect(attempts).toBe(1);
    await microtasks();
    expect(heard).toEqual(["1000 start", "1000 failure 1 rejected", "1000 wake 1"]);
    expect(attempts).toBe(2);
  });

  test("shares the client's budget with 1,000 others", async () => {
    const budget: Policy<{ tokens: number }> = {
      name: "ten tokens",
      initial: { tokens: 10 },
      decide(state, event) {
        if (event.kind !== "failure") return { do: "send" };
        if (state.tokens === 0) return { do: "stop", why: "budget" };
        state.tokens--;
        return { do: "wait", delayMs: 100 };
      },
    };
    const { retry, clock } = clientOf({ policy: budget });
    let attempts = 0;
    const calls = Array.from({ length: 1000 }, () =>
      watched(
        retry(() => {
          attempts++;
          busy();
        }),
      ),
    );
    await clock.advance(1000);
    expect(attempts).toBe(1010);
    expect(calls.every(({ error }) => (error as RetryStopped).why === "budget")).toBe(true);
    expect(budget.initial.tokens).toBe(10);
  });

  test("is numbered from 1 and draws by (client, call, attempt, purpose)", async () => {
    const keys: number[][] = [];
    const { retry, clock } = clientOf({
      policy: waiting(2),
      clientId: 7,
      random: (...key) => {
        keys.push(key);
        return () => 0.5;
      },
    });
    watched(retry(busy));
    watched(retry(() => "fine"));
    await clock.advance(100);
    expect(keys).toEqual([
      [7, 1, 0, 0],
      [7, 1, 1, 1],
      [7, 2, 0, 0],
      [7, 1, 1, 2],
      [7, 1, 2, 1],
    ]);
  });

  test("tells its observer all that happens to it, in order", async () => {
    const clock = new VirtualClock(1000);
    const { observer, lines } = diary(clock);
    const { retry } = clientOf({ policy: waiting(2), clock, observer });
    const call = watched(retry(({ attempt }) => (attempt === 1 ? busy() : "fine")));
    await clock.advance(100);
    expect(call).toMatchObject({ value: "fine" });
    expect(lines).toEqual([
      "1000 callStarted",
      "1000 attemptStarted 1",
      "1000 attemptEnded 1 rejected busy",
      "1000 waitStarted 1 100",
      "1100 attemptStarted 2",
      "1100 attemptEnded 2 answered",
      "1100 callEnded 2 answered",
    ]);
  });
});
