import { describe, expect, test } from "vitest";
import {
  budgeted,
  deadline,
  exponential,
  fullJitter,
  HEDGE_DELAY_MS,
  hedged,
  immediate,
  killSwitch,
  none,
  RETRIES_FLAG,
  retryAfter,
  sessionReset,
} from "../../policies/index.ts";
import { FlagPlan } from "../../src/flags.ts";
import { type Begun, Client, REJECTED, TIMEOUT } from "./drive.ts";

const HEDGE = { do: "send", hedgeAfterMs: 16 };
const SEND = { do: "send" };

/** A client that has seen 20 attempts, of which each took 16 ms. */
function seasoned(policy = hedged(fullJitter()), latencyMs = 16, calls = 20): Client {
  const client = new Client(policy);
  for (let call = 0; call < calls; call++) answered(client, latencyMs);
  return client;
}

function answered(client: Client, latencyMs: number): void {
  const call = client.begin();
  client.nowMs += latencyMs;
  call.succeed();
}

/** A call that has been in flight for so long. */
function slow(client: Client, ms = 16): Begun {
  const call = client.begin();
  client.nowMs += ms;
  return call;
}

describe("the wait for a hedge", () => {
  test("is the 95th percentile of the client's own latencies, or a little more", () => {
    const client = new Client(hedged(fullJitter()));
    for (let ms = 1; ms <= 100; ms++) answered(client, ms);
    const { last } = client.begin();
    const hedgeAfterMs = last.do === "send" ? Number(last.hedgeAfterMs) : 0;
    expect(hedgeAfterMs).toBeGreaterThanOrEqual(95);
    expect(hedgeAfterMs).toBeLessThan(95 * 1.26);
    const earlier = new Client(hedged(fullJitter(), { percentile: 0.5 }));
    for (let call = 1; call <= 20; call++) answered(earlier, call % 4 === 0 ? 300 : 16);
    expect(earlier.begin().last).toEqual(HEDGE);
  });

  test("is not known before 20 attempts were answered, so a young client does not hedge", () => {
    const client = seasoned(hedged(fullJitter()), 16, 19);
    expect(client.begin().last).toEqual(SEND);
    answered(client, 16);
    expect(client.begin().last).toEqual(HEDGE);
  });

  test("is known after as many as told, and never below the least", () => {
    const client = seasoned(hedged(fullJitter(), { samplesMin: 1, delayMinMs: 30 }), 16, 1);
    expect(client.begin().last).toEqual({ do: "send", hedgeAfterMs: 30 });
  });

  test("counts from the sending: what a call waited before a retry is no latency", () => {
    const client = new Client(hedged(exponential({ delayBaseMs: 1_000 })));
    for (let call = 0; call < 20; call++) {
      const retried = client.begin();
      retried.failAndWait(REJECTED);
      client.nowMs += 16;
      retried.succeed();
    }
    expect(client.begin().last).toEqual(HEDGE);
  });

  test("learns of a call that was hedged once: when it was, that it is slow", () => {
    const client = seasoned();
    const known = client.state["hedged.latencies"];
    const call = slow(client);
    call.hedge();
    expect(client.state["hedged.latencies"]).toBe(known + 1);
    client.nowMs += 16;
    call.succeed();
    expect(client.state["hedged.latencies"]).toBe(known + 1);
  });

  test("is as long before a hedge of a retry", () => {
    const client = seasoned();
    const call = client.begin();
    expect(call.failAndWait(REJECTED).decision).toEqual(HEDGE);
  });
});

describe("a hedge", () => {
  test("is sent when the policy inside would send", () => {
    expect(slow(seasoned()).hedge()).toEqual(SEND);
    expect(slow(seasoned(hedged(none()))).hedge()).toEqual({ do: "stop", why: "attempts" });
  });

  test("is the only one, or one of as many as told", () => {
    const client = seasoned(hedged(immediate({ attemptsMax: 9 }), { hedgesMax: 2 }));
    const call = slow(client);
    expect(call.hedge()).toEqual(HEDGE);
    client.nowMs += 16;
    expect(call.hedge()).toEqual(SEND);
    client.nowMs += 16;
    expect(call.hedge()).toEqual({ do: "stop", why: "attempts" });
  });

  test("counts as an attempt: hedges and retries keep to `attemptsMax` together", () => {
    const client = seasoned(hedged(fullJitter({ attemptsMax: 3 })));
    const call = slow(client);
    call.hedge();
    expect(call.failAndWait(TIMEOUT).decision.do).toBe("send");
    client.nowMs += 16;
    expect(call.hedge()).toEqual({ do: "stop", why: "attempts" });
    expect(call.fail(TIMEOUT)).toEqual({ do: "stop", why: "attempts" });
    expect(client.counts).toMatchObject({ hedges: 1, retries: 1 });
  });

  test("waits on when the others have become slower since", () => {
    const client = seasoned();
    const call = slow(client);
    for (let other = 0; other < 10; other++) {
      const beside = client.begin();
      beside.call.startedMs -= 64;
      beside.call.waitFromMs -= 64;
      beside.succeed();
    }
    expect(call.hedge()).toEqual({ do: "wait", delayMs: 64 - 16 });
  });

  test("is not sent any more when more than a twentieth outlast their hedges", () => {
    const client = seasoned();
    let hedges = 0;
    for (let call = 0; call < 100; call++) {
      const each = slow(client);
      if (each.last.do === "send" && each.last.hedgeAfterMs !== undefined) {
        if (each.hedge().do === "send") hedges++;
      }
      client.nowMs += 100;
      each.succeed();
    }
    expect(hedges).toBeLessThan(5);
    expect(client.state[HEDGE_DELAY_MS]).toBeGreaterThan(100);
  });

  test("is not sent any more when more than a twentieth time out", () => {
    const client = seasoned();
    for (let call = 0; call < 4; call++) slow(client, 1_000).fail(TIMEOUT);
    expect(client.begin().last).toEqual(SEND);
    expect(client.state[HEDGE_DELAY_MS]).toBe(0);
  });

  test("comes again once it is known how long attempts take", () => {
    const client = seasoned();
    for (let call = 0; call < 4; call++) slow(client, 1_000).fail(TIMEOUT);
    for (let call = 0; call < 100; call++) answered(client, 30);
    expect(client.begin().last).toEqual({ do: "send", hedgeAfterMs: 32 });
  });
});

describe("around and inside other policies", () => {
  test.each([
    ["budgeted(hedged)", () => budgeted(hedged(immediate()), { tokensMax: 2, ratio: 0 })],
    ["hedged(budgeted)", () => hedged(budgeted(immediate(), { tokensMax: 2, ratio: 0 }))],
  ])("%s: hedges and retries spend from one jar, and an empty one means no hedge", (_, make) => {
    const client = seasoned(make());
    expect(slow(client).hedge().do).toBe("send");
    expect(client.begin().failAndWait(REJECTED).decision.do).toBe("send");
    expect(slow(client).hedge()).toEqual({ do: "stop", why: "budget" });
    expect(client.counts).toMatchObject({ hedges: 1, retries: 1 });
  });

  test("a hedge that another policy refuses spends nothing", () => {
    const client = seasoned(budgeted(hedged(none()), { tokensMax: 1, ratio: 0 }));
    expect(slow(client).hedge().do).toBe("stop");
    expect(client.state["budgeted.tokensThousandths"]).toBe(1_000);
  });

  test("no hedge while retries are switched off", () => {
    const client = seasoned(killSwitch(hedged(fullJitter())));
    const call = slow(client);
    const plan = new FlagPlan([{ atMs: 0, name: RETRIES_FLAG, value: false }]);
    plan.advance(0);
    client.flags = plan;
    expect(call.hedge()).toEqual({ do: "stop", why: "flag" });
  });

  test("no session is reset with a hedge", () => {
    const client = seasoned(sessionReset(hedged(immediate())));
    const call = slow(client);
    call.failAndWait(REJECTED);
    client.nowMs += 16;
    expect(call.hedge()).toEqual(SEND);
  });

  test("wrappers hand on that it hedges", () => {
    for (const wrapper of [budgeted, deadline, retryAfter, sessionReset, killSwitch]) {
      expect(wrapper(hedged(fullJitter())).hedges).toBe(true);
      expect(wrapper(fullJitter()).hedges).toBeUndefined();
    }
  });

  test("twice is an error", () => {
    expect(() => hedged(budgeted(hedged(none())))).toThrow(/hedged\.delayMs/);
  });
});
