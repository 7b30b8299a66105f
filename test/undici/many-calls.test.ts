import { Agent, type Dispatcher, request } from "undici";
import { expect, test, vi } from "vitest";
import { retryInterceptor } from "../../src/undici/index.ts";
import { answer, busy, fine, reset, SkippingClock, serve, silent } from "../fetch/server.ts";
import { listeners, waiting } from "../retry/client.ts";
import { turn } from "../virtual-clock.ts";
import { retrying } from "./retrying.ts";

/** Counts the timers that are set and not taken back; none of them fires. */
class CountingClock extends SkippingClock {
  timers = 0;

  override timeout(): () => void {
    this.timers++;
    let isSet = true;
    return () => {
      if (isSet) this.timers--;
      isSet = false;
    };
  }
}

test("2,000 calls at once leave no timer, no listener, no socket and no unhandled rejection", async () => {
  const unhandled = vi.fn();
  const warned = vi.fn();
  process.on("unhandledRejection", unhandled);
  process.on("warning", warned);
  const answers = [busy, fine, reset, answer(200, "x".repeat(100_000))];
  let n = 0;
  const { url, received } = await serve((response, request) => {
    const act = n % 50 === 0 ? silent : answers[n % answers.length];
    n++;
    act(response, request);
  });
  const clock = new CountingClock();
  const { agent, dispatcher } = retrying(
    { clock, timeoutMs: 500 },
    new Agent({ connections: 200 }),
  );
  const controller = new AbortController();
  const { signal } = controller;
  const calls = Array.from({ length: 2000 }, async (_, n) => {
    const sent = { dispatcher, signal, method: n % 3 === 0 ? "PUT" : "GET" } as const;
    const { statusCode, body } = await request(
      `${url}${n}`,
      n % 3 === 0 ? { ...sent, body: n % 2 ? "hello" : (["hello"] as never) } : sent,
    );
    await (n % 4 === 0 ? body.dump() : body.text());
    return statusCode;
  });
  const ended = Promise.allSettled(calls);
  while (received.length < 2000) await turn();
  controller.abort(new Error("the user left"));
  const ends = (await ended).map((end) =>
    end.status === "fulfilled" ? end.value : (end.reason.code ?? end.reason.message),
  );
  await agent.destroy();
  for (let turns = 0; turns < 20; turns++) await turn();
  process.off("unhandledRejection", unhandled);
  process.off("warning", warned);
  expect(ends).toEqual(expect.arrayContaining([200, "the user left"]));
  expect(received.length).toBeLessThanOrEqual(6000);
  expect(clock.timers).toBe(0);
  expect(listeners(signal)).toBe(0);
  expect(unhandled).not.toHaveBeenCalled();
  expect(warned).not.toHaveBeenCalled();
  expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout")).toEqual([]);
});

test("a call that is given up a thousand times holds on to nothing of the last", async () => {
  const dispatch: Dispatcher.Dispatch = (_options, handler) => {
    handler.onResponseStart?.(null as never, 503, {}, "No");
    handler.onResponseEnd?.(null as never, {});
    return true;
  };
  const clock = new CountingClock();
  const composed = retryInterceptor({ policy: waiting(3), clock })(dispatch);
  let ends = 0;
  for (let n = 0; n < 1000; n++) {
    composed(
      { origin: "http://a.example", path: "/", method: "GET" },
      { onResponseEnd: () => ends++ },
    );
  }
  while (ends < 1000) await turn();
  expect(clock.timers).toBe(0);
});
