import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, expect, test, vi } from "vitest";
import { budgeted, fixed, TOKENS_THOUSANDTHS } from "../../policies/index.ts";
import type { CallMessage } from "../../src/index.ts";
import { createRetry } from "../../src/index.ts";
import { waiting } from "./client.ts";

const NAME = "stormproof:call";
const subscribers: ((message: unknown) => void)[] = [];

function listen(onMessage: (message: CallMessage) => void): void {
  const subscriber = (message: unknown) => onMessage(message as CallMessage);
  subscribers.push(subscriber);
  subscribe(NAME, subscriber);
}

afterEach(() => {
  for (const subscriber of subscribers.splice(0)) unsubscribe(NAME, subscriber);
});

const flaky = ({ attempt }: { attempt: number }) => {
  if (attempt === 1) throw Object.assign(new Error("busy"), { status: 503 });
  return "fine";
};

describe("the channel of this process", () => {
  test("publishes every event of every client, as its observers are told", async () => {
    const heard: CallMessage[] = [];
    const told: object[] = [];
    listen((message) => heard.push(message));
    const note = (event: object) => told.push(event);
    const observer = { callStarted: note, retryPlanned: note, waitStarted: note, callEnded: note };
    const policy = fixed({ delayMs: 1 });
    const retry = createRetry({ policy, clientId: 7, observer });
    await retry(flaky);
    await createRetry({ policy })(() => 1);
    expect(heard.map(({ name, event }) => `${event.client} ${name}`)).toEqual([
      "7 callStarted",
      "7 attemptStarted",
      "7 attemptEnded",
      "7 retryPlanned",
      "7 waitStarted",
      "7 attemptStarted",
      "7 attemptEnded",
      "7 callEnded",
      "0 callStarted",
      "0 attemptStarted",
      "0 attemptEnded",
      "0 callEnded",
    ]);
    const [start, , , planned, wait, , , end] = heard.map(({ event }) => event);
    expect(told).toEqual([start, planned, wait, end]);
    for (const message of heard) expect(Object.isFrozen(message)).toBe(true);
  });

  test("is heard by who subscribes late from the next call on, and by nobody after", async () => {
    const heard: string[] = [];
    const retry = createRetry({ policy: waiting(1) });
    await retry(async () => listen(({ name }) => heard.push(name)));
    expect(heard).toEqual([]);
    await retry(() => 1);
    expect(heard).toHaveLength(4);
    for (const subscriber of subscribers.splice(0)) unsubscribe(NAME, subscriber);
    await retry(() => 1);
    expect(heard).toHaveLength(4);
  });

  test("changes no call by what a subscriber throws", async () => {
    const later = vi.spyOn(process, "nextTick").mockImplementation(() => {});
    listen(() => {
      throw new Error("a defect of the subscriber");
    });
    expect(await createRetry({ policy: waiting(1) })(() => "fine")).toBe("fine");
    expect(later).toHaveBeenCalled();
    later.mockRestore();
  });

  test("is missing where there is no such module, as in browsers", async () => {
    vi.resetModules();
    const { getBuiltinModule } = process;
    try {
      process.getBuiltinModule = undefined as never;
      const elsewhere = await import("../../src/index.ts");
      process.getBuiltinModule = getBuiltinModule;
      const heard: unknown[] = [];
      listen((message) => heard.push(message));
      const retry = elsewhere.createRetry({ policy: waiting(1) });
      expect(await retry(() => "fine")).toBe("fine");
      expect(heard).toEqual([]);
    } finally {
      process.getBuiltinModule = getBuiltinModule;
    }
  });
});

describe("the last event of a call", () => {
  test("shows what is left of its client's budget", async () => {
    const policy = budgeted(fixed({ delayMs: 1 }), {
      ratio: 0.5,
      tokensMax: 10,
      tokensInitial: 10,
    });
    const left: number[] = [];
    const observer = {
      callEnded: ({ state }: { state: Readonly<Record<string, number>> }) =>
        left.push(state[TOKENS_THOUSANDTHS] / 1000),
    };
    const retry = createRetry({ policy, observer });
    await retry(flaky);
    await retry(() => 1);
    expect(left).toEqual([9.5, 10]);
  });

  test("holds a copy, which nothing changes any more", async () => {
    const policy = budgeted(fixed({ delayMs: 1 }));
    const states: Readonly<Record<string, number>>[] = [];
    const retry = createRetry({ policy, observer: { callEnded: (e) => states.push(e.state) } });
    await retry(flaky);
    const before = { ...states[0] };
    await retry(flaky);
    expect(states[0]).toEqual(before);
    expect(Object.isFrozen(states[0])).toBe(true);
  });
});

test("while nobody listens, no event is made", async () => {
  expect(channel(NAME).hasSubscribers).toBe(false);
  const freeze = vi.spyOn(Object, "freeze");
  const retry = createRetry({ policy: fixed({ delayMs: 1 }) });
  await retry(flaky);
  await retry(flaky, { observer: {} });
  await retry(flaky, { observer: { callEnded() {} } });
  const frozen = freeze.mock.calls.map(([object]) => object as object);
  freeze.mockRestore();
  const events = frozen.filter((object) => "call" in object);
  expect(events.map((event) => "call" in event && event.call)).toEqual([3]);
});
