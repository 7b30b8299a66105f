import { describe, expect, test } from "vitest";
import type { Policy } from "../../src/index.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { busy, clientOf, diary, overheard, silent, watched } from "./client.ts";

/** Resets the session before the second attempt, which follows after 100 ms. */
const resetting: Policy = {
  name: "resetting",
  initial: {},
  decide: (_state, event) => {
    if (event.kind === "start") return { do: "send" };
    if (event.kind === "wake") return { do: "send", resetSession: true };
    return event.attempt < 2 ? { do: "wait", delayMs: 100 } : { do: "stop", why: "attempts" };
  },
};

function sessionClient(resetSession?: () => unknown, limits = {}) {
  const clock = new VirtualClock(1000);
  const { observer, lines } = diary(clock);
  return { lines, ...clientOf({ policy: resetting, clock, observer, resetSession, ...limits }) };
}

const failing = ({ attempt }: { attempt: number }) => (attempt === 1 ? busy() : "fine");

describe("a session reset", () => {
  test("runs to its end just before the attempt it comes with", async () => {
    const { retry, clock, lines } = sessionClient(() => clock.sleep(30));
    const call = watched(retry(failing));
    await clock.advance(200);
    expect(call).toMatchObject({ value: "fine" });
    expect(lines.slice(3)).toEqual([
      "1000 waitStarted 1 100",
      "1100 sessionResetStarted 2",
      "1130 sessionResetEnded 2",
      "1130 attemptStarted 2",
      "1130 attemptEnded 2 answered",
      "1130 callEnded 2 answered",
    ]);
  });

  test("that fails is not retried, and the attempt is sent all the same", async () => {
    const { retry, clock, lines } = sessionClient(() => {
      throw new Error("no session");
    });
    const call = watched(retry(failing));
    await clock.advance(100);
    expect(call).toMatchObject({ value: "fine" });
    expect(lines.slice(4, 7)).toEqual([
      "1100 sessionResetStarted 2",
      "1100 sessionResetEnded 2 no session",
      "1100 attemptStarted 2",
    ]);
  });

  test("has the attempt's timeout for itself", async () => {
    const { retry, clock, lines } = sessionClient(silent, { timeoutMs: 500 });
    watched(retry(({ attempt }) => (attempt === 1 ? busy() : silent())));
    await clock.advance(2000);
    expect(lines.slice(4)).toEqual([
      "1100 sessionResetStarted 2",
      "1600 sessionResetEnded 2 No answer within 500 ms.",
      "1600 attemptStarted 2",
      "2100 attemptEnded 2 timeout No answer within 500 ms.",
      "2100 callEnded 2 attempts",
    ]);
  });

  test("that uses up the deadline leaves an attempt that is never sent: a timeout, and not counted", async () => {
    const { policy, heard } = overheard(resetting);
    const { retry, clock, lines } = sessionClient(silent, { policy, deadlineMs: 300 });
    const call = watched(retry(({ attempt }) => (attempt === 1 ? busy() : expect.unreachable())));
    await clock.advance(1000);
    expect(call.error).toMatchObject({ why: "attempts", attempts: 1, elapsedMs: 300 });
    expect(heard.at(-1)).toBe("1300 failure 2 timeout");
    expect(lines.slice(4)).toEqual([
      "1100 sessionResetStarted 2",
      "1300 sessionResetEnded 2 No answer within 200 ms.",
      "1300 callEnded 2 attempts",
    ]);
  });

  test("is handed a signal that is aborted when its time is up", async () => {
    let seen: AbortSignal | undefined;
    const clock = new VirtualClock(1000);
    const { retry } = clientOf({
      policy: resetting,
      clock,
      timeoutMs: 500,
      resetSession: ({ signal }) => {
        seen = signal;
        return silent();
      },
    });
    watched(retry(failing));
    await clock.advance(600);
    expect(seen?.aborted).toBe(true);
  });

  test("without the option is nothing", async () => {
    const { retry, clock, lines } = sessionClient(undefined);
    const call = watched(retry(failing));
    await clock.advance(100);
    expect(call).toMatchObject({ value: "fine" });
    expect(lines.filter((line) => line.includes("session"))).toEqual([]);
  });
});
