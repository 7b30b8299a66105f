/** With undici's `setGlobalDispatcher`, Node's own fetch sends through the interceptor too. */
import { Agent, getGlobalDispatcher, setGlobalDispatcher, fetch as undiciFetch } from "undici";
import { afterEach, describe, expect, test } from "vitest";
import { retryInterceptor } from "../../src/undici/index.ts";
import { answer, busy, fine, reset, SkippingClock, serve, silent } from "../fetch/server.ts";
import { waiting } from "../retry/client.ts";
import { turn } from "../virtual-clock.ts";

const before = getGlobalDispatcher();
afterEach(() => setGlobalDispatcher(before));

function retryGlobally() {
  const interceptor = retryInterceptor({ policy: waiting(3), clock: new SkippingClock() });
  setGlobalDispatcher(new Agent().compose(interceptor));
}

describe.each([
  ["Node's own fetch", globalThis.fetch],
  ["undici's fetch", undiciFetch as unknown as typeof globalThis.fetch],
])("%s", (_whose, fetch) => {
  test("is retried", async () => {
    const { url, received } = await serve(busy, reset, answer(200, "fine", { "x-a": "b" }));
    retryGlobally();
    const response = await fetch(url);
    expect(await response.text()).toBe("fine");
    expect(response.headers.get("x-a")).toBe("b");
    expect(received).toHaveLength(3);
  });

  test("ends with the server's last answer", async () => {
    const { url, received } = await serve(answer(503, "the reason"));
    retryGlobally();
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([503, "the reason"]);
    expect(received).toHaveLength(3);
  });

  test("ends with its own error", async () => {
    const { url } = await serve(reset);
    retryGlobally();
    await expect(fetch(url)).rejects.toMatchObject({ message: "fetch failed" });
  });

  test("hands every body on as a stream, so what has one is sent once", async () => {
    const { url, received } = await serve(busy, fine);
    retryGlobally();
    expect((await fetch(url, { method: "PUT", body: "hello" })).status).toBe(503);
    expect(await Promise.all(received.map(({ body }) => body))).toEqual(["hello"]);
  });

  test("is aborted at once", async () => {
    const { url, request } = await serve(silent);
    retryGlobally();
    const controller = new AbortController();
    const call = fetch(url, { signal: controller.signal }).catch((error) => error);
    await request(1);
    controller.abort(new Error("the user left"));
    expect((await call).message).toBe("the user left");
    await turn();
  });
});
