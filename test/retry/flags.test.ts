import { describe, expect, test } from "vitest";
import { NO_FLAGS } from "../../src/ask.ts";
import type { Decision, FlagSource, Flags, Policy } from "../../src/index.ts";
import { busy, clientOf, listeners, overheard, policyOf, waiting, watched } from "./client.ts";

/** One boolean flag, "retries", that says which answer a wake gets. */
class OneFlag implements FlagSource {
  readonly #listeners = new Set<() => void>();
  #isOn = true;

  get subscribed(): number {
    return this.#listeners.size;
  }

  current(): Flags {
    const isOn = this.#isOn;
    return {
      boolean: (name, fallback) => (name === "retries" ? isOn : fallback),
      number: (_name, fallback) => fallback,
      changedAtMs: () => undefined,
    };
  }

  subscribe(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  }

  set(isOn: boolean): void {
    this.#isOn = isOn;
    for (const onChange of this.#listeners) onChange();
  }
}

/** Waits 100 ms before each retry; what it does at a wake with the flag off is given. */
function flagged(whenOff: Decision): Policy {
  return {
    name: "flagged",
    initial: {},
    decide(_state, event) {
      if (event.kind === "failure") return { do: "wait", delayMs: 100 };
      return event.flags.boolean("retries", true) ? { do: "send" } : whenOff;
    },
  };
}

const failing = ({ attempt }: { attempt: number }) => (attempt === 1 ? busy() : "fine");

describe("a flag change during a wait", () => {
  test("can stop the call at once, and leaves no timer or subscription", async () => {
    const flags = new OneFlag();
    const { retry, clock } = clientOf({ policy: flagged({ do: "stop", why: "flag" }), flags });
    const { signal } = new AbortController();
    const call = watched(retry(failing, { signal }));
    await clock.advance(40);
    expect(flags.subscribed).toBe(1);
    flags.set(false);
    await clock.advance(0);
    expect(call.error).toMatchObject({ why: "flag", attempts: 1, elapsedMs: 40 });
    expect([clock.pending, flags.subscribed, listeners(signal)]).toEqual([0, 0, 0]);
  });

  test("can lengthen the wait", async () => {
    const flags = new OneFlag();
    const { retry, clock } = clientOf({ policy: flagged({ do: "wait", delayMs: 500 }), flags });
    const call = watched(retry(failing));
    await clock.advance(40);
    flags.set(false);
    await clock.advance(10);
    flags.set(true);
    await clock.advance(489);
    expect(call.state).toBe("pending");
    await clock.advance(1);
    expect(call).toMatchObject({ value: "fine" });
  });

  test("never shortens it", async () => {
    const { policy, heard } = overheard(flagged({ do: "send" }));
    const flags = new OneFlag();
    const { retry, clock } = clientOf({ policy, flags });
    const call = watched(retry(failing));
    for (let flip = 0; flip < 9; flip++) {
      await clock.advance(11);
      flags.set(flip % 2 === 0);
    }
    await clock.advance(0);
    expect(heard.filter((line) => line.endsWith("early"))).toHaveLength(9);
    expect(call.state).toBe("pending");
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(call).toMatchObject({ value: "fine" });
    expect(heard.slice(-2)).toEqual(["1100 wake 1", "1100 success 2"]);
  });

  test("wakes a client's calls in the order of their numbers", async () => {
    const woken: number[] = [];
    const flags = new OneFlag();
    const { retry, clock } = clientOf({
      policy: flagged({ do: "stop", why: "flag" }),
      flags,
      random: (_client, call, _attempt, purpose) => {
        if (purpose > 1) woken.push(call);
        return () => 0.5;
      },
    });
    // The first call begins to wait last.
    const calls = [30, 20, 10].map((delayMs) =>
      watched(
        retry(async () => {
          await clock.sleep(delayMs);
          busy();
        }),
      ),
    );
    await clock.advance(50);
    expect(flags.subscribed).toBe(1);
    flags.set(false);
    await clock.advance(0);
    expect(woken).toEqual([1, 2, 3]);
    expect(calls.every(({ state }) => state === "rejected")).toBe(true);
    expect(flags.subscribed).toBe(0);
  });
});

test("a call that still waits hears of a change after another's wait ended", async () => {
  const flags = new OneFlag();
  const { retry, clock } = clientOf({ policy: flagged({ do: "stop", why: "flag" }), flags });
  const first = watched(retry(failing));
  await clock.advance(50);
  const second = watched(retry(failing));
  await clock.advance(60);
  flags.set(false);
  await clock.advance(0);
  expect(first).toMatchObject({ value: "fine" });
  expect(second.error).toMatchObject({ why: "flag", elapsedMs: 60 });
});

test("a call that does not wait is not subscribed", async () => {
  const flags = new OneFlag();
  const { retry } = clientOf({ policy: waiting(1), flags });
  await retry(() => expect(flags.subscribed).toBe(0));
});

test("a source that throws changes nothing: the last snapshot stays, and waits go on", async () => {
  let isDown = false;
  const flags = {
    current() {
      if (isDown) throw new Error("flag provider down");
      return { ...NO_FLAGS, number: () => 7 };
    },
    subscribe(): never {
      throw new Error("flag provider down");
    },
  };
  const seen: number[] = [];
  const policy = policyOf(({ attempt, flags }) => {
    seen.push(flags.number("any", 0));
    return attempt < 3 ? { do: "wait", delayMs: 100 } : { do: "stop", why: "attempts" };
  });
  const { retry, clock } = clientOf({ policy, flags });
  const call = watched(retry(busy));
  await clock.advance(50);
  isDown = true;
  await clock.advance(150);
  expect(call.error).toMatchObject({ why: "attempts", attempts: 3 });
  expect(seen).toEqual([7, 7, 7]);
});
