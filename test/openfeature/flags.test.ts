import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRetry } from "../../src/index.ts";
import { openFeatureFlags } from "../../src/openfeature/index.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { deferred, flagsOf, ScriptedClient, TWO } from "./scripted-client.ts";

const CHANGED = "PROVIDER_CONFIGURATION_CHANGED";
const hangs = () => new Promise<never>(() => {});

describe("what is known", () => {
  test("is the policy's fallback until the first answer", () => {
    const { isOn, ratio } = flagsOf(new ScriptedClient(hangs));
    expect([isOn(true), isOn(false), ratio()]).toEqual([true, false, 0.1]);
  });

  test("is asked for by the team's keys, and read by the policies' names", async () => {
    const client = new ScriptedClient((key) => ({ value: key === "on" ? false : 0.3 }));
    const { isOn, ratio } = flagsOf(client);
    expect(client.asked).toEqual(["on", "ratio"]);
    expect([isOn(), ratio()]).toEqual([false, 0.3]);
  });

  test("are the five flags of this package, unless others are named", () => {
    const client = new ScriptedClient();
    openFeatureFlags(client, { clock: new VirtualClock() });
    expect(client.asked).toEqual([
      "automatic-retries",
      "automatic-session-reset",
      "retryBudgetRatio",
      "retryDelayMaxMs",
      "sessionResetIntervalMs",
    ]);
  });

  test.each([
    { value: true, errorCode: "FLAG_NOT_FOUND", reason: "ERROR" },
    { value: false, reason: "DISABLED" },
  ])("is the policy's fallback again after %o", async (answer) => {
    const client = new ScriptedClient(() => ({ value: false }));
    const { isOn, clock } = flagsOf(client);
    client.answer = () => answer;
    await clock.advance(200);
    client.emit(CHANGED);
    expect([isOn(true), isOn(false)]).toEqual([true, false]);
  });

  test.each([
    { value: true, errorCode: "PROVIDER_NOT_READY" },
    { value: true, reason: "ERROR" },
    { value: "off" },
    { value: 1 },
    { value: null },
    null,
  ])("stays as it was after %o", async (answer) => {
    const client = new ScriptedClient(() => ({ value: false }));
    const { isOn, clock } = flagsOf(client);
    client.answer = () => answer as never;
    await clock.advance(200);
    client.emit(CHANGED);
    expect(client.asked).toHaveLength(4);
    expect(isOn()).toBe(false);
  });

  test.each([Infinity, "0.5", true])("of a number stays as it was after %s", async (value) => {
    const client = new ScriptedClient(() => ({ value: 0.5 }));
    const { ratio, clock } = flagsOf(client, { booleans: {} });
    client.answer = () => ({ value });
    await clock.advance(200);
    client.emit(CHANGED);
    expect(ratio()).toBe(0.5);
  });

  test("of a number is the policy's fallback again after NaN, the fallback asked with", async () => {
    const client = new ScriptedClient(() => ({ value: 0.5 }));
    const { ratio, clock } = flagsOf(client, { booleans: {} });
    client.answer = (_key, value) => ({ value });
    await clock.advance(200);
    client.emit(CHANGED);
    expect(ratio()).toBe(0.1);
  });

  test("changes when the answer comes, on the client's clock; first answers are no change", async () => {
    const { answer, open } = deferred();
    const { flags, clock } = flagsOf(new ScriptedClient(answer));
    open[0]({ value: true });
    open[1]({ value: 0.5 });
    await clock.advance(500);
    expect(flags.current().changedAtMs("automatic-retries")).toBeUndefined();
    await clock.advance(23_000);
    open[2]({ value: false });
    await clock.advance(0);
    expect(flags.current().changedAtMs("automatic-retries")).toBe(24_500);
    expect(flags.current().changedAtMs("retryBudgetRatio")).toBeUndefined();
  });
});

describe("a provider in trouble", () => {
  test.each([
    ["hangs", hangs],
    ["rejects", () => Promise.reject(new Error("no flags"))],
    [
      "throws",
      () => {
        throw new Error("no flags");
      },
    ],
  ])("that %s changes nothing, and blocks no call", async (_what, trouble) => {
    const client = new ScriptedClient(() => ({ value: false }));
    const { flags, isOn, clock } = flagsOf(client);
    client.answer = trouble;
    const retry = createRetry({ policy: anyPolicy, flags, clock });
    for (let minute = 0; minute < 10; minute++) {
      await clock.advance(60_000);
      client.emit(CHANGED);
      expect(await retry(() => "fine")).toBe("fine");
    }
    expect(isOn()).toBe(false);
    expect(client.asked.length).toBeGreaterThan(10);
  });

  test("that hangs for one flag answers the others", async () => {
    const client = new ScriptedClient((key) =>
      key === "on" ? hangs() : Promise.resolve({ value: 0.5 }),
    );
    const { ratio, clock } = flagsOf(client);
    await clock.advance(0);
    expect(ratio()).toBe(0.5);
  });

  test("is asked again when it has not answered in timeoutMs", async () => {
    const client = new ScriptedClient(hangs);
    const { clock, isOn } = flagsOf(client, { timeoutMs: 700 });
    client.emit(CHANGED);
    await clock.advance(699);
    expect(client.asked).toHaveLength(2);
    client.answer = () => ({ value: false });
    await clock.advance(1);
    expect(client.asked).toHaveLength(4);
    expect(isOn()).toBe(false);
  });

  test("cannot overwrite a newer answer by a late older one", async () => {
    const { answer, open } = deferred();
    const client = new ScriptedClient(answer);
    const { clock, isOn } = flagsOf(client, { timeoutMs: 700 });
    client.emit(CHANGED);
    await clock.advance(700);
    open[2]({ value: false });
    await clock.advance(0);
    open[0]({ value: true });
    await clock.advance(0);
    expect(isOn()).toBe(false);
  });

  test("in any order of answers, events and time, what was asked for last is known", async () => {
    const act = fc.oneof(
      fc.record({ event: fc.constant(true) }),
      fc.record({ afterMs: fc.nat(3_000) }),
      fc.record({ answer: fc.nat(20), value: fc.nat(9) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
        const { answer, open } = deferred();
        const client = new ScriptedClient(answer);
        const { clock, ratio } = flagsOf(client, { booleans: {}, timeoutMs: 700 });
        let latest = { asked: -1, value: 0.1 };
        const answered = new Set<number>();
        for (const what of acts) {
          if ("event" in what) client.emit(CHANGED);
          if ("afterMs" in what) await clock.advance(what.afterMs);
          if ("answer" in what && what.answer < open.length && !answered.has(what.answer)) {
            answered.add(what.answer);
            open[what.answer]({ value: what.value });
            await clock.advance(0);
            if (what.answer > latest.asked) latest = { asked: what.answer, value: what.value };
          }
          expect(ratio()).toBe(latest.value);
          expect(clock.pending).toBe(1);
        }
      }),
    );
  });

  test("whose late answers end a refresh of before does not end the one that is running", async () => {
    const { answer, open } = deferred();
    const client = new ScriptedClient(answer);
    const { clock } = flagsOf(client, { timeoutMs: 700 });
    client.emit(CHANGED);
    await clock.advance(700);
    client.emit(CHANGED);
    await clock.advance(200);
    open[0]({ value: true });
    open[1]({ value: 1 });
    await clock.advance(499);
    expect(client.asked).toHaveLength(4);
    await clock.advance(1);
    expect(client.asked).toHaveLength(6);
  });

  test("is believed late, when nothing newer is known", async () => {
    const { answer, open } = deferred();
    const client = new ScriptedClient(answer);
    const { clock, isOn } = flagsOf(client, { timeoutMs: 700 });
    client.emit(CHANGED);
    await clock.advance(6_000);
    open[0]({ value: false });
    await clock.advance(0);
    expect(isOn()).toBe(false);
  });
});

describe("the provider is asked", () => {
  test("once at a time, however many events come meanwhile, and once more after", async () => {
    const { answer, open } = deferred();
    const client = new ScriptedClient(answer);
    const { clock } = flagsOf(client);
    for (let event = 0; event < 50; event++) {
      client.emit(CHANGED);
      await clock.advance(10);
    }
    expect(client.asked).toHaveLength(2);
    for (const resolve of open) resolve({ value: 1 });
    await clock.advance(0);
    expect(client.asked).toHaveLength(4);
  });

  test.each([
    ["at once", (value: unknown) => ({ value })],
    ["later", async (value: unknown) => ({ value })],
  ])("once in 100 ms, if it announces a change with every answer, %s", async (_when, give) => {
    const client = new ScriptedClient();
    client.answer = () => {
      client.emit(CHANGED);
      return give(true);
    };
    const { clock } = flagsOf(client);
    await clock.advance(999);
    expect(client.asked).toHaveLength(2 * 10);
  });

  test("once to begin with, whether it is ready or not", async () => {
    class Ready extends ScriptedClient {
      override addHandler(event: string, handler: () => void): void {
        super.addHandler(event, handler);
        if (event === "PROVIDER_READY") handler();
      }
    }
    for (const client of [new Ready(), new ScriptedClient()]) {
      const { clock } = flagsOf(client);
      await clock.advance(10_000);
      expect(client.asked).toHaveLength(2);
    }
  });

  test.each(["PROVIDER_READY", "PROVIDER_CONFIGURATION_CHANGED", "PROVIDER_CONTEXT_CHANGED"])(
    "at once after %s",
    async (event) => {
      const client = new ScriptedClient();
      const { clock, isOn } = flagsOf(client);
      await clock.advance(100);
      client.answer = () => ({ value: false });
      client.emit(event);
      expect(isOn()).toBe(false);
    },
  );

  test.each([
    [0, 15_000],
    [0.5, 22_500],
    [1 - 2 ** -53, 30_000],
  ])("every refreshMs, less a draw (%d): after %d ms", async (draw, afterMs) => {
    const client = new ScriptedClient();
    const { clock } = flagsOf(client, { random: () => draw });
    await clock.advance(afterMs - 1);
    expect(client.asked).toHaveLength(2);
    await clock.advance(1);
    expect(client.asked).toHaveLength(4);
    await clock.advance(afterMs);
    expect(client.asked).toHaveLength(6);
  });
});

describe("a waiting call", () => {
  test("hears of a change at once", async () => {
    const client = new ScriptedClient(async () => ({ value: true }));
    const { flags, clock } = flagsOf(client);
    let heard = 0;
    const unsubscribe = flags.subscribe(() => heard++);
    await clock.advance(200);
    const before = heard;
    client.emit(CHANGED);
    await clock.advance(0);
    expect(heard).toBe(before);
    client.answer = async () => ({ value: false });
    await clock.advance(200);
    client.emit(CHANGED);
    await clock.advance(0);
    expect(heard).toBe(before + 1);
    unsubscribe();
    client.answer = async () => ({ value: true });
    await clock.advance(200);
    client.emit(CHANGED);
    await clock.advance(0);
    expect(heard).toBe(before + 1);
  });
});

describe("closing", () => {
  test("leaves no timer and no handler, and what is known", async () => {
    const client = new ScriptedClient(() => ({ value: false }));
    const { flags, clock, isOn } = flagsOf(client);
    expect([clock.pending, client.handlers]).toEqual([1, 3]);
    flags.close();
    expect([clock.pending, client.handlers]).toEqual([0, 0]);
    await clock.advance(1e6);
    expect(client.asked).toHaveLength(2);
    expect(isOn()).toBe(false);
  });

  test("while the provider is asked makes its answer nobody's", async () => {
    const { answer, open } = deferred();
    const client = new ScriptedClient(answer);
    const { flags, clock, isOn } = flagsOf(client);
    client.emit(CHANGED);
    flags.close();
    open[0]({ value: false });
    open[1]({ value: 1 });
    await clock.advance(1e6);
    expect(isOn()).toBe(true);
    expect([clock.pending, client.asked.length]).toEqual([0, 2]);
  });
});

test("by default no timer keeps the process alive", () => {
  const timers = () => process.getActiveResourcesInfo().filter((what) => what === "Timeout").length;
  const before = timers();
  const flags = openFeatureFlags(new ScriptedClient(hangs));
  expect(timers()).toBe(before);
  flags.close();
});

describe("what is wrong is told at once", () => {
  const client = new ScriptedClient();
  test.each([
    [
      () => openFeatureFlags({} as never),
      "Expected `client` to be an object with getBooleanDetails",
    ],
    [
      () => openFeatureFlags(null as never),
      "Expected `client` to be an object with getBooleanDetails",
    ],
    [() => openFeatureFlags(client, { booleans: { a: 1 } as never }), "Expected `booleans` to be"],
    [() => openFeatureFlags(client, { numbers: "a" as never }), "Expected `numbers` to be"],
    [() => openFeatureFlags(client, { refreshMs: 0 }), "Expected `refreshMs` to be a number > 0"],
    [() => openFeatureFlags(client, { timeoutMs: NaN }), "Expected `timeoutMs` to be a number > 0"],
    [
      () => openFeatureFlags(client, { clock: {} as never }),
      "Expected `clock` to be an object with nowMs, timeout",
    ],
    [() => openFeatureFlags(client, { random: 1 as never }), "Expected `random` to be a function"],
    [() => openFeatureFlags(client, { flags: {} } as never), "Expected only the options"],
  ])("%s", (make, message) => expect(make).toThrow(message));
});

test("a mistake in the options leaves no handler behind", () => {
  const client = new ScriptedClient();
  expect(() => openFeatureFlags(client, { ...TWO, refreshMs: -1 })).toThrow(TypeError);
  expect(client.handlers).toBe(0);
});

const anyPolicy = { name: "any", initial: {}, decide: () => ({ do: "send" }) as const };
