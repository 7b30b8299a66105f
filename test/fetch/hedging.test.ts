/** A fetch whose policy hedges: what is sent twice, and what becomes of the answers that nobody wants. */
import { expect, test } from "vitest";
import { createFetch } from "../../src/fetch/index.ts";
import type { Policy } from "../../src/policy.ts";
import { hedging } from "../../src/retry/hedging.ts";
import { watched } from "../retry/client.ts";
import { microtasks, VirtualClock } from "../virtual-clock.ts";
import { answer, fine, serve, silent } from "./server.ts";

/** After 50 ms, and once. */
const policy: Policy = {
  name: "hedging",
  initial: {},
  hedges: true,
  decide(_state, { kind }) {
    if (kind === "failure") return { do: "stop", why: "attempts" };
    return kind === "start" ? { do: "send", hedgeAfterMs: 50 } : { do: "send" };
  },
};

/** Requests that are answered when the test says so; a deaf fetch does not heed its signal. */
function world({ isDeaf = false } = {}) {
  const clock = new VirtualClock();
  const sent: { init: RequestInit; answer: (response: Response) => Promise<void> }[] = [];
  const fetch = createFetch({
    policy,
    hedging,
    clock,
    fetch: (_input, init = {}) =>
      new Promise<Response>((resolve, reject) => {
        const answer = async (response: Response) => {
          resolve(response);
          await microtasks();
        };
        sent.push({ init, answer });
        if (!isDeaf) init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      }),
  });
  return { clock, sent, fetch };
}

test("the second request says that it is one, and the first is aborted when the second is answered", async () => {
  const { clock, sent, fetch } = world();
  const seen = watched(fetch("http://a.example/"));
  await clock.advance(60);
  expect(sent.map(({ init }) => new Headers(init.headers).get("retry-attempt"))).toEqual([
    "1",
    "2",
  ]);
  await sent[1].answer(new Response("second"));
  expect(sent[0].init.signal?.aborted).toBe(true);
  expect(sent[1].init.signal?.aborted).toBe(false);
  expect(await seen.value?.text()).toBe("second");
  expect(clock.pending).toBe(0);
});

test("an answer that says no is let go when the other attempt is answered", async () => {
  const { clock, sent, fetch } = world();
  const seen = watched(fetch("http://a.example/"));
  await clock.advance(60);
  const busy = new Response("busy", { status: 503 });
  await sent[1].answer(busy);
  await sent[0].answer(new Response("first"));
  expect(await seen.value?.text()).toBe("first");
  expect(busy.bodyUsed).toBe(true);
});

test("of two answers that say no, the last one is the caller's, and the other is let go", async () => {
  const { clock, sent, fetch } = world();
  const seen = watched(fetch("http://a.example/"));
  await clock.advance(60);
  const busy = new Response("busy", { status: 503 });
  await sent[0].answer(busy);
  await sent[1].answer(new Response("busy too", { status: 500 }));
  expect(busy.bodyUsed).toBe(true);
  expect(seen.value?.status).toBe(500);
  expect(await seen.value?.text()).toBe("busy too");
});

test("an answer that comes when another was first is let go, also by a fetch deaf to its signal", async () => {
  const { clock, sent, fetch } = world({ isDeaf: true });
  const seen = watched(fetch("http://a.example/"));
  await clock.advance(60);
  await sent[0].answer(new Response("first"));
  const late = new Response("late");
  await sent[1].answer(late);
  expect(late.bodyUsed).toBe(true);
  expect(await seen.value?.text()).toBe("first");
});

test.each<[string, RequestInit, number]>([
  ["a POST", { method: "POST", body: "order" }, 1],
  ["a PUT", { method: "PUT", body: "order" }, 2],
  ["a PUT that says so", { method: "PUT", body: "order", retry: { hedges: false } } as object, 1],
  ["a PUT of a stream", { method: "PUT", body: new Blob(["order"]).stream() }, 1],
])("%s is sent as often as it may be sent at once", async (_what, init, times) => {
  const { clock, sent, fetch } = world();
  const replayed = { duplex: "half" as const, retry: { replayBytesMax: 100 } };
  fetch("http://a.example/", { ...replayed, ...init });
  await clock.advance(500);
  expect(sent).toHaveLength(times);
});

test("over a real socket: the connection of the one that lost is closed", async () => {
  const server = await serve(silent, fine);
  const fetch = createFetch({ policy: { ...policy, decide: soon }, hedging });
  const response = await fetch(server.url);
  expect(await response.text()).toBe("fine");
  const { message } = await server.request(1);
  await new Promise((resolve) => (message.destroyed ? resolve(0) : message.once("close", resolve)));
});

test("over a real socket: one Idempotency-Key for both", async () => {
  const server = await serve(silent, answer(200));
  const fetch = createFetch({ policy: { ...policy, decide: soon }, hedging });
  const order = { method: "POST", body: "order", retry: { repeatable: true } };
  await (await fetch(server.url, order)).text();
  const keys = server.received.map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBeDefined();
  expect(keys[1]).toBe(keys[0]);
});

const soon: Policy["decide"] = (_state, { kind }) =>
  kind === "start" ? { do: "send", hedgeAfterMs: 1 } : { do: "send" };
