import { expect, test, vi } from "vitest";
import { createFetch } from "../../src/fetch/index.ts";
import { listeners, waiting } from "../retry/client.ts";
import { turn } from "../virtual-clock.ts";
import { SkippingClock } from "./server.ts";

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

test("10,000 calls at once leave no timer, no listener and no unhandled rejection", async () => {
  const unhandled = vi.fn();
  const warned = vi.fn();
  process.on("unhandledRejection", unhandled);
  process.on("warning", warned);
  const clock = new CountingClock();
  let sent = 0;
  const fetch = createFetch({
    policy: waiting(3),
    clock,
    timeoutMs: 500,
    fetch: async (_input, init) => {
      const n = sent++;
      await turn();
      init?.signal?.throwIfAborted();
      if (n % 5 === 0) throw new TypeError("fetch failed");
      return new Response("answer", { status: n % 2 === 0 ? 503 : 200 });
    },
  });
  const controller = new AbortController();
  const { signal } = controller;
  const calls = Array.from({ length: 10_000 }, async (_, n) => {
    const body = n % 3 === 0 ? ReadableStream.from([new Uint8Array(1)]) : null;
    const init = { method: "PUT", body, duplex: "half", retry: { replayBytesMax: 8 } } as const;
    const response = await fetch(`https://${n % 7}.example/`, n % 2 ? { ...init, signal } : init);
    return response.status;
  });
  const ended = Promise.allSettled(calls);
  for (let turns = 0; turns < 5; turns++) await turn();
  controller.abort(new Error("the user left"));
  const ends = (await ended).map((end) =>
    end.status === "fulfilled" ? end.value : end.reason.message,
  );
  for (let turns = 0; turns < 5; turns++) await turn();
  process.off("unhandledRejection", unhandled);
  process.off("warning", warned);
  expect(new Set(ends)).toEqual(new Set([200, 503, "fetch failed", "the user left"]));
  expect(sent).toBeLessThanOrEqual(30_000);
  expect(clock.timers).toBe(0);
  expect(listeners(signal)).toBe(0);
  expect(unhandled).not.toHaveBeenCalled();
  expect(warned).not.toHaveBeenCalled();
});
