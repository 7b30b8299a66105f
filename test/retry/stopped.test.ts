import { describe, expect, test } from "vitest";
import { createRetry, PolicyError, RetryStopped } from "../../src/index.ts";
import { HttpError, okOrThrow } from "../../src/retry/http-error.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { busy, clientOf, diary, policyOf, waiting, watched } from "./client.ts";

describe("RetryStopped", () => {
  test("tells the whole story", async () => {
    const { retry, clock } = clientOf({ policy: waiting(3) });
    const errors: Error[] = [];
    const call = watched(
      retry(({ attempt }) => {
        errors.push(Object.assign(new Error(`busy ${attempt}`), { status: 503 }));
        throw errors.at(-1);
      }),
    );
    await clock.advance(200);
    const error = call.error as RetryStopped;
    expect(error).toBeInstanceOf(RetryStopped);
    expect(error).toMatchObject({ why: "attempts", attempts: 3, elapsedMs: 200 });
    expect(error.cause).toBe(errors[2]);
    expect(error.causes).toEqual(errors);
    expect(error.message).toBe("Stopped after 3 attempts in 200 ms (attempts): busy 3");
  });

  test("keeps the latest 20 errors of a long call", async () => {
    const { retry } = clientOf({
      policy: policyOf(({ attempt }) =>
        attempt < 100 ? { do: "wait", delayMs: 0 } : { do: "stop", why: "attempts" },
      ),
      classify: () => ({ kind: "connection" }),
    });
    const error = await retry(({ attempt }) => Promise.reject(attempt)).catch((error) => error);
    expect(error.causes).toEqual(Array.from({ length: 20 }, (_, index) => 81 + index));
    expect(error.cause).toBe(100);
  });

  test("stands for programming errors too, which are not retried", async () => {
    const { retry } = clientOf({ policy: policyOf(() => ({ do: "wait", delayMs: 0 })) });
    let attempts = 0;
    const error = await retry(() => {
      attempts++;
      return (undefined as unknown as string).length;
    }).catch((error) => error);
    expect(attempts).toBe(1);
    expect(error).toMatchObject({ why: "not-retryable", cause: expect.any(TypeError) });
  });

  test("of an inner retry is not retried by an outer one: layers do not multiply", async () => {
    const policy = policyOf(({ attempt }) =>
      attempt < 3 ? { do: "wait", delayMs: 0 } : { do: "stop", why: "attempts" },
    );
    const { retry: inner } = clientOf({ policy });
    const { retry: outer } = clientOf({ policy });
    let attempts = 0;
    const call = outer(() =>
      inner(() => {
        attempts++;
        busy();
      }),
    );
    await expect(call).rejects.toMatchObject({ why: "not-retryable", attempts: 1 });
    expect(attempts).toBe(3);
  });

  test("comes of a fetch that is answered no", async () => {
    const { retry } = clientOf({ policy: waiting(3) });
    const fetched = () => okOrThrow(new Response("gone", { status: 404 }));
    const error = await retry(fetched).catch((error) => error);
    expect(error).toMatchObject({ why: "not-retryable", cause: expect.any(HttpError) });
  });
});

describe("a broken policy", () => {
  const nonsense = () => "later" as never;

  test.each([
    ["the start", { decide: nonsense }],
    ["a failure", policyOf(nonsense)],
    ["a wake", policyOf(() => ({ do: "wait", delayMs: 0 }), nonsense)],
  ])("that answers nonsense to %s rejects the call with PolicyError", async (_when, broken) => {
    const clock = new VirtualClock(1000);
    const { observer, lines } = diary(clock);
    const policy = { name: "broken", initial: {}, ...broken };
    const { retry } = clientOf({ policy, clock, observer });
    await expect(retry(busy)).rejects.toBeInstanceOf(PolicyError);
    expect(lines.at(-1)).toMatch(/callEnded \d broken$/);
    expect(clock.pending).toBe(0);
  });

  const defect = new Error("a defect of the policy");
  const throws = () => {
    throw defect;
  };

  test.each([
    ["decides", policyOf(throws), busy],
    ["hears of a success", { ...waiting(1), observe: throws }, () => "fine"],
  ])("that throws when it %s rejects the call with what it threw", async (_when, policy, call) => {
    const { retry, clock } = clientOf({ policy });
    await expect(retry<string>(call)).rejects.toBe(defect);
    expect(clock.pending).toBe(0);
  });

  test("that throws when a call is abandoned rejects the call, not the process", async () => {
    const { retry, clock } = clientOf({ policy: { ...waiting(2), observe: throws } });
    const controller = new AbortController();
    const call = watched(retry(busy, { signal: controller.signal }));
    await clock.advance(10);
    controller.abort();
    await clock.advance(0);
    expect(call.error).toBe(defect);
    expect(clock.pending).toBe(0);
  });
});

test("a clock that fails rejects the call with its error", async () => {
  const defect = new Error("a defect of the clock");
  const sleep = () => Promise.reject(defect);
  const clock = { nowMs: () => 0, sleep, timeout: () => () => {} };
  await expect(createRetry({ policy: waiting(2), clock })(busy)).rejects.toBe(defect);
});

test("a `classify` that throws rejects the call with what it threw", async () => {
  const defect = new Error("a defect of classify");
  const retry = createRetry({
    policy: waiting(2),
    classify: () => {
      throw defect;
    },
  });
  await expect(retry(busy)).rejects.toBe(defect);
});
