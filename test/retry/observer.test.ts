import { expect, test, vi } from "vitest";
import { createRetry } from "../../src/index.ts";
import { waiting } from "./client.ts";

test("what an observer throws is reported as its own, and changes no call", async () => {
  const queued = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
  const defect = new Error("a defect of the observer");
  const throws = () => {
    throw defect;
  };
  const observer = { callStarted: throws, attemptStarted: throws, callEnded: throws };
  const retry = createRetry({ policy: waiting(1), observer });
  expect(await retry(() => "fine")).toBe("fine");
  const reports = queued.mock.calls.map(([report]) => report);
  queued.mockRestore();
  expect(reports).toHaveLength(3);
  for (const report of reports) expect(report).toThrow(defect);
});

test("an observer keeps its `this`", async () => {
  class Counter {
    calls = 0;
    callEnded() {
      this.calls++;
    }
  }
  const observer = new Counter();
  const retry = createRetry({ policy: waiting(1), observer, clientId: 3 });
  await Promise.all([retry(() => 1), retry(() => 2)]);
  expect(observer.calls).toBe(2);
});

test("a call's own observer hears of that call alone, after its client's", async () => {
  const heard: string[] = [];
  const observer = (name: string) => ({
    callStarted: ({ call }: { call: number }) => heard.push(`${name} ${call}`),
  });
  const retry = createRetry({ policy: waiting(1), observer: observer("client") });
  await retry(() => 1);
  await retry(() => 2, { observer: observer("own") });
  await retry(() => 3);
  expect(heard).toEqual(["client 1", "client 2", "own 2", "client 3"]);
});
