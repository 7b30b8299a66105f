/** Real sockets, and a clock that stands still until it is told otherwise. */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { createFetch } from "../../src/fetch/index.ts";
import { listeners, waiting, watched } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";
import { answer, busy, fine, SkippingClock, serve, silent } from "./server.ts";

const reason = new Error("the user left");

function retrying(options: object = {}) {
  const clock = new VirtualClock(1000);
  return { clock, fetch: createFetch({ policy: waiting(3), clock, ...options }) };
}

describe("the caller's abort", () => {
  test("before the call sends nothing", async () => {
    const { url, received } = await serve(fine);
    const { fetch } = retrying();
    await expect(fetch(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(received).toEqual([]);
  });

  test("during an attempt rejects at once with its reason, and hangs up", async () => {
    const { url, request } = await serve(silent);
    const { fetch, clock } = retrying();
    const controller = new AbortController();
    const call = fetch(url, { signal: controller.signal });
    const { message } = await request(1);
    const hungUp = once(message.socket, "close");
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await hungUp;
    expect(clock.pending).toBe(0);
  });

  test("during a wait rejects at once, and nothing more is sent", async () => {
    const { url, received } = await serve(busy);
    const { fetch, clock } = retrying();
    const controller = new AbortController();
    const call = watched(fetch(url, { signal: controller.signal }));
    await waitBegun(clock);
    controller.abort(reason);
    await turn();
    expect(call).toEqual({ state: "rejected", error: reason });
    expect(clock.pending).toBe(0);
    await clock.advance(1000);
    expect(received).toHaveLength(1);
  });

  test("while the body is read ends it, as fetch does", async () => {
    const { url } = await serve((response) => response.writeHead(200).write("begun"));
    const { fetch } = retrying();
    const controller = new AbortController();
    const response = await fetch(url, { signal: controller.signal });
    const body = response.text();
    controller.abort(reason);
    await expect(body).rejects.toBe(reason);
  });

  test("is a Request's own, unless `init` has another or none", async () => {
    const { url } = await serve(fine);
    const { fetch } = retrying();
    const aborted = new Request(url, { signal: AbortSignal.abort(reason) });
    await expect(fetch(aborted)).rejects.toBe(reason);
    const { signal } = new AbortController();
    expect((await fetch(aborted, { signal })).status).toBe(200);
    expect((await fetch(aborted, { signal: null })).status).toBe(200);
  });

  test("leaves no listener on a signal that many calls share", async () => {
    const { url } = await serve(busy, fine);
    const fetch = createFetch({ policy: waiting(2), clock: new SkippingClock() });
    const { signal } = new AbortController();
    const calls = Array.from({ length: 50 }, async () => (await fetch(url, { signal })).text());
    await Promise.all(calls);
    expect(listeners(signal)).toBe(0);
  });
});

describe("timeoutMs", () => {
  test("hangs up on a silent server, and tries again", async () => {
    const { url, request, received } = await serve(silent, fine);
    const { fetch, clock } = retrying({ timeoutMs: 500 });
    const call = fetch(url);
    const { message } = await request(1);
    const hungUp = once(message.socket, "close");
    await clock.advance(500);
    await hungUp;
    await clock.advance(100);
    expect(await (await call).text()).toBe("fine");
    expect(received).toHaveLength(2);
  });

  test("of the last attempt rejects as AbortSignal.timeout does", async () => {
    const { url, request } = await serve(silent);
    const { fetch, clock } = retrying({ policy: waiting(1), timeoutMs: 500 });
    const call = fetch(url).catch((error) => error);
    await request(1);
    await clock.advance(500);
    expect(await call).toMatchObject({ name: "TimeoutError", message: "No answer within 500 ms." });
  });

  test("ends with the first byte of an answer: its body may take as long as it likes", async () => {
    let finish = () => {};
    const { url } = await serve((response) => {
      response.writeHead(200).write("slow ");
      finish = () => response.end("body");
    });
    const { fetch, clock } = retrying({ timeoutMs: 500, deadlineMs: 800 });
    const response = await fetch(url);
    const body = response.text();
    await clock.advance(60_000);
    finish();
    expect(await body).toBe("slow body");
    expect(clock.pending).toBe(0);
  });

  test("leaves the body of a last answer readable, too", async () => {
    let finish = () => {};
    const { url } = await serve((response) => {
      response.writeHead(503).write("still ");
      finish = () => response.end("busy");
    });
    const { fetch, clock } = retrying({ policy: waiting(1), timeoutMs: 500 });
    const body = (await fetch(url)).text();
    await clock.advance(60_000);
    finish();
    expect(await body).toBe("still busy");
  });

  test("drops what a fetch that is deaf to its signal answers too late", async () => {
    const late = Promise.withResolvers<Response>();
    const answers = [late.promise, Promise.resolve(new Response("fine"))];
    const { fetch, clock } = retrying({
      timeoutMs: 500,
      fetch: () => answers.shift() as Promise<Response>,
    });
    const call = fetch("http://a.example/");
    await clock.advance(500);
    const dropped = new Response("late", { status: 503 });
    late.resolve(dropped);
    await clock.advance(100);
    expect(await (await call).text()).toBe("fine");
    expect(dropped.bodyUsed).toBe(true);
  });
});

test("an answer that came too late is not what a call ends with", async () => {
  const late = Promise.withResolvers<Response>();
  const last = Promise.withResolvers<Response>();
  const answers = [late.promise, last.promise];
  const { fetch, clock } = retrying({
    policy: waiting(2),
    timeoutMs: 500,
    fetch: () => answers.shift() as Promise<Response>,
  });
  const call = watched(fetch("http://a.example/"));
  await clock.advance(700);
  expect(answers).toEqual([]);
  late.resolve(new Response("late", { status: 503 }));
  await clock.advance(50);
  last.reject(new TypeError("fetch failed"));
  await clock.advance(50);
  expect(call.error).toMatchObject({ message: "fetch failed" });
});

test("a deadline gives up before a wait that would pass it, with the answer there is", async () => {
  const { url, received } = await serve(answer(503, "busy", { "retry-after": "30" }));
  const { clock } = retrying();
  const fetch = createFetch({ clock, deadlineMs: 5000 });
  const response = await fetch(url);
  expect(await response.text()).toBe("busy");
  expect(received).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

async function waitBegun(clock: VirtualClock): Promise<void> {
  while (clock.pending === 0) await turn();
}
