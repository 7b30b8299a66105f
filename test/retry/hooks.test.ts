import { describe, expect, test, vi } from "vitest";
import { RetryStopped } from "../../src/index.ts";
import { microtasks } from "../virtual-clock.ts";
import { busy, clientOf, policyOf, waiting, watched } from "./client.ts";

const failing = (...errors: unknown[]) => {
  let n = 0;
  return () => {
    if (n < errors.length) throw errors[n++];
    return "fine";
  };
};
const reset = Object.assign(new Error("reset"), { code: "ECONNRESET" });
const mystery = new Error("a mystery");

describe("the hooks", () => {
  test("tell of failed attempts, retries that are planned, and the end", async () => {
    const heard: unknown[] = [];
    const note = (name: string) => (event: object) => heard.push([name, event]);
    const hooks = {
      onFailedAttempt: note("failed"),
      onRetry: note("retry"),
      onGiveUp: note("give up"),
    };
    const { retry, clock } = clientOf({ policy: waiting(2), ...hooks });
    const call = watched(retry(failing(reset, reset)));
    await clock.advance(100);
    const name = { client: 0, call: 1 };
    expect(call.error).toBeInstanceOf(RetryStopped);
    expect(heard).toEqual([
      ["failed", { ...name, attempt: 1, error: reset }],
      ["retry", { ...name, attempt: 1, error: reset, delayMs: 100 }],
      ["failed", { ...name, attempt: 2, error: reset }],
      ["give up", { ...name, stopped: call.error }],
    ]);
  });

  test("may be a call's own, and then come after its client's", async () => {
    const heard: string[] = [];
    const { retry, clock } = clientOf({ policy: waiting(2), onRetry: () => heard.push("client") });
    watched(retry(failing(reset), { onRetry: () => heard.push("own") }));
    watched(retry(failing(reset)));
    await clock.advance(100);
    expect(heard).toEqual(["client", "own", "client"]);
  });

  test("onRetry is told of a retry at once too", async () => {
    const onRetry = vi.fn();
    const policy = policyOf(() => ({ do: "send" }));
    const { retry } = clientOf({ policy, onRetry });
    expect(await retry(failing(reset))).toBe("fine");
    expect(onRetry).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ delayMs: 0 }));
  });

  test("say nothing of a call that succeeds, or that its caller leaves", async () => {
    const hook = vi.fn();
    const hooks = { onFailedAttempt: hook, onRetry: hook, onGiveUp: hook };
    const { retry } = clientOf({ policy: waiting(2), ...hooks });
    const controller = new AbortController();
    const left = watched(retry(() => new Promise(() => {}), { signal: controller.signal }));
    await retry(() => "fine");
    controller.abort();
    await microtasks();
    expect(left.state).toBe("rejected");
    expect(hook).not.toHaveBeenCalled();
  });

  test("stand beside one observer or several", async () => {
    const heard: string[] = [];
    const observer = (name: string) => ({ attemptStarted: () => heard.push(name) });
    const { retry } = clientOf({ policy: waiting(1), observer: [observer("a"), observer("b")] });
    await retry(() => 1, { observer: observer("c"), onRetry: () => {} });
    expect(heard).toEqual(["a", "b", "c"]);
  });
});

describe("shouldRetry", () => {
  test("true retries what nobody knows, as the policy says", async () => {
    const { retry, clock } = clientOf({ policy: waiting(3) });
    const call = watched(retry(failing(mystery), { shouldRetry: () => true }));
    await clock.advance(100);
    expect(call.value).toBe("fine");
  });

  test("true keeps the status of what was refused", async () => {
    const heard: unknown[] = [];
    const policy = policyOf(({ outcome }) => {
      heard.push(outcome);
      return { do: "stop", why: "attempts" };
    });
    const { retry } = clientOf({ policy, shouldRetry: () => true });
    const notFound = Object.assign(new Error("not there yet"), { status: 404 });
    await watched(retry(failing(notFound)));
    await microtasks();
    expect(heard).toEqual([{ kind: "rejected", status: 404 }]);
  });

  test("false stops what would be retried", async () => {
    const { retry } = clientOf({ policy: waiting(3), shouldRetry: () => false });
    await expect(retry(busy)).rejects.toMatchObject({ why: "not-retryable", attempts: 1 });
  });

  test("undefined leaves it to `classify`, and a call's own stands for its client's", async () => {
    const asked: unknown[] = [];
    const { retry, clock } = clientOf({ policy: waiting(2), shouldRetry: () => false });
    const call = watched(
      retry(failing(reset), {
        shouldRetry: (error, context) => {
          asked.push([error, context]);
          return undefined;
        },
      }),
    );
    await clock.advance(100);
    expect(call.value).toBe("fine");
    expect(asked).toEqual([[reset, { attempt: 1 }]]);
  });

  test("that throws rejects the call with what it throws", async () => {
    const defect = new Error("a defect");
    const shouldRetry = () => {
      throw defect;
    };
    const { retry } = clientOf({ policy: waiting(2), shouldRetry });
    await expect(retry(busy)).rejects.toBe(defect);
  });
});
