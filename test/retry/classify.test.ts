import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { classifyError, RetryStopped } from "../../src/index.ts";
import { HttpError } from "../../src/retry/http-error.ts";

type Fields = Record<string, string>;

const coded = (code: string) => Object.assign(new Error(code), { code });
const fetchFailed = (cause: unknown) => new TypeError("fetch failed", { cause });

describe("an error with a status is read as the answer it is", () => {
  test.each([
    [{ status: 503 }, { kind: "rejected", status: 503 }],
    [{ statusCode: 429 }, { kind: "rejected", status: 429 }],
    [
      { status: 503, retryAfterMs: 2000 },
      { kind: "rejected", status: 503, retryAfterMs: 2000 },
    ],
    [
      { status: 503, retryAfterMs: Number.NaN },
      { kind: "rejected", status: 503 },
    ],
    [
      { status: 503, retryAfterMs: -1 },
      { kind: "rejected", status: 503 },
    ],
    [{ status: 404 }, { kind: "fatal", status: 404 }],
    [{ status: 508 }, { kind: "fatal", status: 508 }],
    [
      { status: "rejected", statusCode: 502 },
      { kind: "rejected", status: 502 },
    ],
    [{ status: 1 }, { kind: "fatal" }],
  ])("%j: %j", (fields, outcome) => {
    expect(classifyError(Object.assign(new Error("answered"), fields))).toEqual(outcome);
  });
});

describe("so is one whose answer stands beside it, with its Retry-After", () => {
  const fields = { "retry-after": "3" };
  const gone = { kind: "rejected", status: 503, retryAfterMs: 3000 };
  test.each([
    ["ky's HTTPError", { response: new Response(null, { status: 503, headers: fields }) }],
    ["axios' AxiosError", { status: 503, response: { status: 503, headers: new Headers(fields) } }],
    ["got's HTTPError", { response: { statusCode: 503, headers: fields } }],
    ["undici's ResponseError", { statusCode: 503, headers: fields }],
  ])("%s", (_whose, parts) => {
    expect(classifyError(Object.assign(new Error("busy"), parts))).toEqual(gone);
  });

  test.each([["soon"], ["-5"], [undefined], [["3", "4"]]])("unless that is %j", (value) => {
    const response = { statusCode: 503, headers: { "retry-after": value } };
    const outcome = classifyError(Object.assign(new Error("busy"), { response }));
    expect(outcome).toEqual({ kind: "rejected", status: 503 });
  });

  test("unless it is a 200 whose body broke off: then that is what happened", () => {
    const parts = { code: "ECONNRESET", response: { statusCode: 200 } };
    expect(classifyError(Object.assign(new Error("aborted"), parts))).toEqual({
      kind: "connection",
    });
  });

  test("a `retryAfterMs` stands before it, and a response without a status is none", () => {
    const response = { statusCode: 503, headers: fields };
    const error = Object.assign(new Error("busy"), { response, retryAfterMs: 9 });
    expect(classifyError(error)).toEqual({ kind: "rejected", status: 503, retryAfterMs: 9 });
    const nameless = Object.assign(new Error("?"), { response: {} });
    expect(classifyError(nameless)).toEqual({ kind: "fatal" });
  });
});

test.each<Fields>([
  { "x-should-retry": "false" },
  { "stripe-should-retry": "false" },
  { "x-envoy-attempt-count": "2" },
])("an answer that says %j is fatal, whoever's error it is", (headers) => {
  const response = new Response(null, { status: 503, headers });
  const error = Object.assign(new Error("busy"), { status: 503, response });
  expect(classifyError(error)).toEqual({ kind: "fatal", status: 503 });
});

test.each<Fields>([{ "x-should-retry": "true" }, { "x-envoy-attempt-count": "1" }, {}])(
  "an answer that says %j is read as its status",
  (headers) => {
    const response = new Response(null, {
      status: 503,
      headers,
    });
    expect(classifyError(new HttpError(response))).toEqual({ kind: "rejected", status: 503 });
    const axios = Object.assign(new Error("busy"), { status: 503, response: { headers } });
    expect(classifyError(axios)).toEqual({ kind: "rejected", status: 503 });
  },
);

describe("a network error is a connection", () => {
  test.each([
    coded("ECONNRESET"),
    coded("ECONNREFUSED"),
    coded("EAI_AGAIN"),
    coded("UND_ERR_CONNECT_TIMEOUT"),
    fetchFailed(coded("ECONNREFUSED")),
    fetchFailed(undefined),
    fetchFailed(new Error("client error (Connect): tcp connect error: Connection refused")),
    new TypeError("Failed to fetch"),
    new TypeError("Failed to fetch (example.com)"),
    new TypeError("NetworkError when attempting to fetch resource."),
    new TypeError("Load failed"),
    new TypeError("error sending request for url (https://example.com/)"),
    new TypeError("terminated"),
  ])("%s", (error) => {
    expect(classifyError(error)).toEqual({ kind: "connection" });
  });
});

test.each([
  ["redirects without end", "/", {}],
  ["a redirect that was forbidden", "/", { redirect: "error" }],
  ["a port that no browser calls", "http://127.0.0.1:22/", {}],
  ["a scheme that fetch does not know", "foo://there/", {}],
] as const)("what this Node's fetch refuses to do is fatal: %s", async (_what, path, init) => {
  const server = createServer((_request, response) => {
    response.writeHead(302, { location: "/" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const error = await fetch(new URL(path, `http://127.0.0.1:${port}`), init).catch(
    (error) => error,
  );
  server.closeAllConnections();
  server.close();
  expect(error.message).toBe("fetch failed");
  expect(classifyError(error)).toEqual({ kind: "fatal" });
});

test.each([
  new DOMException("signal timed out", "TimeoutError"),
  coded("UND_ERR_HEADERS_TIMEOUT"),
  fetchFailed(coded("UND_ERR_BODY_TIMEOUT")),
])("an answer that did not come is a timeout: %s", (error) => {
  expect(classifyError(error)).toEqual({ kind: "timeout" });
});

describe("anything else is fatal", () => {
  test.each([
    new TypeError("x is not a function"),
    new RangeError("out of range"),
    new Error("fetch failed"),
    new TypeError("we said Failed to fetch the user"),
    coded("ERR_INVALID_URL"),
    fetchFailed(coded("CERT_HAS_EXPIRED")),
    new DOMException("aborted", "AbortError"),
    new RetryStopped("attempts", 3, 100, [coded("ECONNRESET")]),
    "busy",
    503,
    null,
    undefined,
  ])("%s", (error) => {
    expect(classifyError(error)).toEqual({ kind: "fatal" });
  });
});

test("the fetch of this Node words its failures as expected", async () => {
  // Port 3 of this machine: nothing listens there, and no packet leaves it.
  const refused = await fetch("http://127.0.0.1:3").catch((error) => error);
  const invalid = await fetch("not a url").catch((error) => error);
  const aborted = await fetch("data:,", { signal: AbortSignal.abort() }).catch((error) => error);
  expect(classifyError(invalid)).toEqual({ kind: "fatal" });
  expect(classifyError(aborted)).toEqual({ kind: "fatal" });
  expect(classifyError(refused)).toEqual({ kind: "connection" });
});
