/** Whatever happens in whatever order, a call keeps its promises. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createFetch } from "../../src/fetch/index.ts";
import { listeners, waiting, watched } from "../retry/client.ts";
import { microtasks, VirtualClock } from "../virtual-clock.ts";

const reason = new Error("the user left");
const STEPS = ["time", "fine", "busy", "busy slowly", "reset", "abort"] as const;

/** A server that answers when the script says so, to a fetch that heeds its signal or is deaf to it. */
function world(isDeaf: boolean) {
  const clock = new VirtualClock();
  const open: { answer: (response: Response) => void; fail: (error: Error) => void }[] = [];
  const answers: Response[] = [];
  let sent = 0;
  const fetch = createFetch({
    policy: waiting(3),
    clock,
    timeoutMs: 300,
    deadlineMs: 1000,
    fetch: (_input, init) =>
      new Promise<Response>((answer, fail) => {
        sent++;
        const request = { answer, fail };
        open.push(request);
        if (isDeaf) return;
        init?.signal?.addEventListener("abort", () => {
          const index = open.indexOf(request);
          if (index >= 0) open.splice(index, 1);
          fail(init.signal?.reason);
        });
      }),
  });
  const say = (response: Response) => {
    const request = open.shift();
    if (request === undefined) return;
    answers.push(response);
    request.answer(response);
  };
  return { clock, fetch, open, answers, say, sent: () => sent };
}

test("it settles once, sends no more than it may, and leaves nothing behind", async () => {
  const script = fc.array(fc.constantFrom(...STEPS), { maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(script, fc.boolean(), async (steps, isDeaf) => {
      const { clock, fetch, open, answers, say, sent } = world(isDeaf);
      const controller = new AbortController();
      const call = watched(fetch("http://a.example/", { signal: controller.signal }));
      const isAborted = { inTime: false };
      for (const step of steps) {
        await microtasks();
        if (step === "time") await clock.advance(110);
        if (step === "fine") say(new Response("fine"));
        if (step === "busy") say(new Response("busy", { status: 503 }));
        if (step === "busy slowly") say(new Response(trickle(), { status: 503 }));
        if (step === "reset") open.shift()?.fail(new TypeError("fetch failed"));
        if (step === "abort") {
          isAborted.inTime ||= call.state === "pending";
          controller.abort(reason);
          await microtasks();
          expect(call.state).not.toBe("pending");
        }
      }
      // The deadline, and the patience with a body.
      await clock.advance(2000);
      expect(call.state).not.toBe("pending");
      if (isAborted.inTime) expect(call.error).toBe(reason);
      expect(sent()).toBeLessThanOrEqual(3);
      expect(clock.pending).toBe(0);
      expect(listeners(controller.signal)).toBe(0);
      // Late answers of a deaf fetch, too.
      while (open.length > 0) say(new Response("late"));
      await clock.advance(2000);
      const { value } = call;
      for (const answer of answers) {
        if (answer === value || answer.body === null) continue;
        expect(answer.bodyUsed).toBe(true);
      }
      if (value !== undefined && value.status === 200) expect(await value.text()).toBe("fine");
      if (value !== undefined && value.status === 503) await readable(value);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 500, seed: 1 },
  );
});

/** One byte, and never another. */
function trickle(): ReadableStream {
  return new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(1)) });
}

/** A short body is whole; one that never ends may have been cut off in a wait. */
async function readable(response: Response): Promise<void> {
  if (response.bodyUsed) return;
  const { value } = (await response.body?.getReader().read()) ?? {};
  expect(value?.byteLength).toBeGreaterThan(0);
}
