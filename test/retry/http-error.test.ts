import { Readable } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { HttpError, okOrThrow } from "../../src/retry/http-error.ts";

async function thrownBy(response: Response): Promise<HttpError> {
  return okOrThrow(response).then(
    () => expect.unreachable(),
    (error) => error,
  );
}

/** A body of `chunks` kilobytes, and whether it was cancelled. */
function bodyOf(kilobytes: number) {
  const cancel = vi.fn();
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (sent++ < kilobytes) controller.enqueue(new Uint8Array(1024));
      else controller.close();
    },
    cancel,
  });
  return { body, cancel, sent: () => sent };
}

describe("okOrThrow", () => {
  test.each([
    ["node-fetch, whose body is a stream of Node", { body: Readable.from(["busy"]) }],
    ["a mock without a body", {}],
    ["a mock without headers", { headers: undefined }],
  ])("throws the answer of %s", async (_what, own) => {
    const answer = { ok: false, status: 503, statusText: "", headers: new Headers(), ...own };
    const error = await thrownBy(answer as unknown as Response);
    expect(error).toMatchObject({ name: "HttpError", status: 503, response: answer });
  });

  test("returns an ok response with its body unread", async () => {
    const response = new Response("hello", { status: 201 });
    expect(await okOrThrow(response)).toBe(response);
    expect(await response.text()).toBe("hello");
  });

  test("throws any other as an HttpError", async () => {
    const response = new Response("busy", { status: 503, statusText: "Service Unavailable" });
    const error = await thrownBy(response);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ status: 503, retryAfterMs: undefined, response });
    expect(error.message).toBe("Answered 503 Service Unavailable");
  });

  test("reads a short body to its end, so that the connection can serve again", async () => {
    const { body, cancel, sent } = bodyOf(3);
    await thrownBy(new Response(body, { status: 503 }));
    expect(sent()).toBe(4);
    expect(cancel).not.toHaveBeenCalled();
  });

  test("cancels a long one", async () => {
    const { body, cancel, sent } = bodyOf(1e6);
    await thrownBy(new Response(body, { status: 503 }));
    expect(cancel).toHaveBeenCalledOnce();
    expect(sent()).toBeLessThan(100);
  });

  test.each([
    ["breaks off", () => new ReadableStream({ start: (body) => body.error(new Error("reset")) })],
    ["is missing", () => null],
  ])("throws the HttpError though the body %s", async (_how, body) => {
    expect(await thrownBy(new Response(body(), { status: 503 }))).toBeInstanceOf(HttpError);
  });

  test("throws the HttpError though the body was read", async () => {
    const response = new Response("busy", { status: 503 });
    await response.text();
    expect(await thrownBy(response)).toBeInstanceOf(HttpError);
  });
});

describe("retryAfterMs", () => {
  const retryAfter = (headers: Record<string, string>) =>
    new HttpError(new Response(null, { status: 503, headers })).retryAfterMs;

  test("is the field's, in milliseconds", () => {
    expect(retryAfter({ "retry-after": "2" })).toBe(2000);
  });

  test("of a date counts by the server's clock, because ours may be hours off", () => {
    const headers = {
      date: "Sun, 06 Nov 1994 08:49:37 GMT",
      "retry-after": "Sun, 06 Nov 1994 08:49:40 GMT",
    };
    expect(retryAfter(headers)).toBe(3000);
  });

  test("of a date counts by our clock when the server shows none", () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    expect(retryAfter({ "retry-after": inAnHour })).toBeGreaterThan(3_590_000);
    expect(retryAfter({ "retry-after": inAnHour })).toBeLessThanOrEqual(3_600_000);
  });

  test("is undefined without the field or with an invalid one", () => {
    expect(retryAfter({})).toBeUndefined();
    expect(retryAfter({ "retry-after": "soon" })).toBeUndefined();
  });
});
