/** A `fetch` that is not the platform's, and answers with less than a Response is. */
import { Readable } from "node:stream";
import { expect, test, vi } from "vitest";
import { createFetch, type FetchOptions, stopOf } from "../../src/fetch/index.ts";
import { waiting } from "../retry/client.ts";
import { SkippingClock } from "./server.ts";

const URL_THERE = "https://api.example.com/";

const retrying = (options: FetchOptions) =>
  createFetch({ policy: waiting(3), clock: new SkippingClock(), ...options });

/** As of node-fetch 2 and 3. */
function nodeResponse(status: number) {
  const body = Readable.from(["body"]);
  const clone = () => expect.unreachable("two halves of such a stream wait for each other");
  return { ok: status < 400, status, statusText: "", headers: new Headers(), body, clone };
}

/** As tests make them. */
function mockResponse(status: number) {
  return { ok: status < 400, status, headers: new Headers(), text: async () => "body" };
}

function fetchOf(answers: readonly object[]) {
  const left = [...answers];
  return vi.fn(async () => left.shift() as Response);
}

test.each([
  ["node-fetch", nodeResponse],
  ["a mock", mockResponse],
])("%s is retried", async (_who, answer) => {
  const answers = [503, 503, 200].map((status) => answer(status));
  const fetch = fetchOf(answers);
  expect(await retrying({ fetch })(URL_THERE)).toBe(answers[2]);
  expect(fetch).toHaveBeenCalledTimes(3);
});

test.each([
  ["node-fetch", nodeResponse],
  ["a mock", mockResponse],
])("of %s the last answer is what a call that is given up ends with", async (_who, answer) => {
  const answers = [503, 503, 503].map((status) => answer(status));
  const response = await retrying({ fetch: fetchOf(answers) })(URL_THERE);
  expect(response).toBe(answers[2]);
  expect(stopOf(response)).toMatchObject({ why: "attempts", attempts: 3 });
});

test("of node-fetch the connections are let go of all answers but the last", async () => {
  const answers = [503, 503, 503].map(nodeResponse);
  await retrying({ fetch: fetchOf(answers) })(URL_THERE);
  expect(answers.map(({ body }) => body.destroyed)).toEqual([true, true, false]);
});

test("a mock without headers is an answer", async () => {
  const answers = [{ status: 503 }, { status: 200 }];
  expect(await retrying({ fetch: fetchOf(answers) })(URL_THERE)).toBe(answers[1]);
});

test("`fetch(url, null)` is `fetch(url)`", async () => {
  const answers = [503, 200].map(mockResponse);
  const fetch = retrying({ fetch: fetchOf(answers) });
  expect(await fetch(URL_THERE, null as never)).toBe(answers[1]);
});
