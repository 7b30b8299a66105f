import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, test } from "vitest";
import { vetted } from "../../policies/index.ts";
import { forAws, RetryStopped, type StepsOptions, stopOf } from "../../src/adapters/index.ts";
import { createRetry } from "../../src/index.ts";
import { answer, reset, SkippingClock, serve, silent } from "../fetch/server.ts";
import { waiting, watched } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";

const XML = "http://sts.amazonaws.com/doc/2011-06-15/";
const identity = answer(
  200,
  `<GetCallerIdentityResponse xmlns="${XML}"><GetCallerIdentityResult><Account>5</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
);
const fault = (status: number, code: string, headers?: Record<string, string>) =>
  answer(
    status,
    `<ErrorResponse xmlns="${XML}"><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
    headers,
  );
const busy = fault(503, "ServiceUnavailable");

function retrying(endpoint: string, options: StepsOptions = {}, settings: object = {}) {
  const clock = new SkippingClock();
  const client = new STSClient({
    region: "eu-north-1",
    endpoint,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    retryStrategy: forAws({ policy: waiting(3), clock, ...options }),
    ...settings,
  });
  const send = (signal?: AbortSignal) =>
    client.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
  return { clock, client, send };
}

describe("the AWS SDK with a policy", () => {
  test("retries until it is answered, and counts as it does", async () => {
    const { url, received } = await serve(busy, reset, identity);
    const { clock, send } = retrying(url);
    const { Account, $metadata } = await send();
    expect([Account, $metadata.attempts]).toEqual(["5", 3]);
    expect(clock.waitsMs).toEqual([100, 100]);
    expect(received.map(({ headers }) => headers["amz-sdk-request"])).toEqual(
      [1, 2, 3].map((n) => `attempt=${n}; max=3`),
    );
  });

  test("ends with the SDK's own error, and the story with it", async () => {
    const { url, received } = await serve(busy);
    const error = await retrying(url)
      .send()
      .catch((error) => error);
    expect(error).toMatchObject({ name: "ServiceUnavailable", $metadata: { attempts: 3 } });
    expect(stopOf(error)).toMatchObject({ why: "attempts", attempts: 3, cause: error });
    expect(received).toHaveLength(3);
  });

  test("ends with the SDK's own error when nobody answers", async () => {
    const { url, close } = await serve(identity);
    close();
    const { clock, send } = retrying(url);
    const error = await send().catch((error) => error);
    expect(error.code).toBe("ECONNREFUSED");
    expect(stopOf(error)?.attempts).toBe(3);
    expect(clock.waitsMs).toEqual([100, 100]);
  });

  test.each([
    ["a 403", fault(403, "AccessDenied"), { kind: "fatal", status: 403 }],
    ["a 400", fault(400, "ValidationError"), { kind: "fatal", status: 400 }],
    ["a 400 that throttles", fault(400, "Throttling"), { kind: "rejected", status: 400 }],
    ["a 429", fault(429, "TooMany"), { kind: "rejected", status: 429 }],
    ["a 500", fault(500, "InternalFailure"), { kind: "rejected", status: 500 }],
    [
      "a 503 that asks for 7 s",
      fault(503, "No", { "retry-after": "7" }),
      { kind: "rejected", status: 503, retryAfterMs: 7000 },
    ],
    [
      "a 503 that asks for nonsense",
      fault(503, "No", { "retry-after": "1.5" }),
      { kind: "rejected", status: 503 },
    ],
    [
      "a 503 that asks for 1,500 ms",
      fault(503, "No", { "x-amz-retry-after": "1500" }),
      { kind: "rejected", status: 503, retryAfterMs: 1500 },
    ],
    [
      "a 503 that says stop",
      fault(503, "No", { "x-should-retry": "false" }),
      { kind: "fatal", status: 503 },
    ],
    ["a reset", reset, { kind: "connection" }],
  ] as const)("reads %s", async (_what, first, outcome) => {
    const { url } = await serve(first, identity);
    const outcomes: unknown[] = [];
    const observer = { attemptEnded: ({ end }: { end: unknown }) => void outcomes.push(end) };
    await retrying(url, { observer })
      .send()
      .catch(() => {});
    expect(outcomes[0]).toEqual(outcome);
  });

  test("reads a timeout", async () => {
    const { url } = await serve(silent, identity);
    const outcomes: unknown[] = [];
    const observer = { attemptEnded: ({ end }: { end: unknown }) => void outcomes.push(end) };
    const requestHandler = { requestTimeout: 500, throwOnRequestTimeout: true };
    await retrying(url, { observer }, { requestHandler }).send();
    expect(outcomes).toEqual([{ kind: "timeout" }, { kind: "answered" }]);
  });

  test("honours Retry-After where the SDK comes 5 s late at most, and is never early", async () => {
    const { url } = await serve(fault(503, "No", { "retry-after": "50" }), identity);
    const policy = vetted({ jitterRatio: 0, delayBaseMs: 0, limitMs: 1e9 });
    const { clock, send } = retrying(url, { policy });
    await send();
    expect(clock.waitsMs).toEqual([50_000]);
  });

  test("shares one budget among all commands, which successes fill", async () => {
    const { url, received } = await serve(
      ...Array.from({ length: 55 }, () => busy),
      ...Array.from({ length: 10 }, () => identity),
      busy,
    );
    const { send } = retrying(url, {
      policy: vetted({ tokensMax: 5, tokensInitial: 5, limitMs: Infinity }),
    });
    await Promise.allSettled(Array.from({ length: 50 }, () => send()));
    expect(received).toHaveLength(55);
    for (let n = 0; n < 10; n++) await send();
    await send().catch(() => {});
    expect(received).toHaveLength(67);
  });

  test("is refused by the policy before anything is sent", async () => {
    const { url, received } = await serve(identity);
    const policy = { ...waiting(3), decide: () => ({ do: "stop", why: "breaker" }) as const };
    await expect(retrying(url, { policy }).send()).rejects.toBeInstanceOf(RetryStopped);
    expect(received).toHaveLength(0);
  });

  test("is aborted at once in a wait", async () => {
    const { url, received } = await serve(busy);
    const clock = new VirtualClock();
    const controller = new AbortController();
    const call = watched(retrying(url, { clock }).send(controller.signal));
    while (clock.pending === 0) await turn();
    controller.abort();
    await turn();
    expect(call.error).toMatchObject({ name: "AbortError" });
    await clock.advance(5000);
    await turn();
    expect(received).toHaveLength(1);
  });

  test("within an outer retry makes one attempt", async () => {
    const { url, received } = await serve(busy);
    const { send } = retrying(url);
    const classify = () => ({ kind: "connection" }) as const;
    const retry = createRetry({ policy: waiting(3), clock: new SkippingClock(), classify });
    await expect(retry(() => send())).rejects.toMatchObject({ why: "attempts", attempts: 3 });
    expect(received).toHaveLength(3);
  });

  test("a command that the SDK forgets is abandoned, so that no breaker waits for it", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const ends: string[] = [];
    const observer = { callEnded: ({ why }: { why: string }) => void ends.push(why) };
    const strategy = forAws({ policy: waiting(3), clock: new VirtualClock(), observer });
    await (async () => void (await strategy.acquireInitialRetryToken("")))();
    for (let turns = 0; turns < 50 && ends.length === 0; turns++) {
      collect();
      await setImmediate();
    }
    expect(ends).toEqual(["abandoned"]);
  });

  test("`classify: undefined` is as good as not there", async () => {
    const { url, received } = await serve(fault(400, "Throttling"), identity);
    await retrying(url, { classify: undefined }).send();
    expect(received).toHaveLength(2);
  });
});
