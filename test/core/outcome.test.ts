import { describe, expect, test } from "vitest";
import { describeOutcome, outcomeOfStatus } from "../../src/outcome.ts";
import type { Outcome } from "../../src/policy.ts";

describe("outcomeOfStatus", () => {
  test.each([408, 425, 429, 500, 502, 503, 504, 507, 511, 520, 599])(
    "%d asks for another try",
    (status) => {
      expect(outcomeOfStatus(status)).toEqual({ kind: "rejected", status });
      expect(outcomeOfStatus(status, 2_000)).toEqual({
        kind: "rejected",
        status,
        retryAfterMs: 2_000,
      });
    },
  );

  test.each([400, 401, 403, 404, 409, 410, 418, 422, 426, 431, 501, 505, 508])(
    "%d is fatal: retrying cannot help, whatever time it names",
    (status) => {
      expect(outcomeOfStatus(status)).toEqual({ kind: "fatal", status });
      expect(outcomeOfStatus(status, 2_000)).toEqual({ kind: "fatal", status });
    },
  );

  test("413 asks for another try only when it names a time", () => {
    expect(outcomeOfStatus(413)).toEqual({ kind: "fatal", status: 413 });
    expect(outcomeOfStatus(413, 0)).toEqual({ kind: "rejected", status: 413, retryAfterMs: 0 });
  });
});

test.each<[Outcome, string]>([
  [{ kind: "rejected", status: 503 }, "rejected 503"],
  [{ kind: "rejected", status: 429, retryAfterMs: 2_000 }, "rejected 429, retry after 2000 ms"],
  [{ kind: "rejected", status: 429, retryAfterMs: 0 }, "rejected 429, retry after 0 ms"],
  [{ kind: "timeout" }, "timeout"],
  [{ kind: "connection" }, "connection"],
  [{ kind: "fatal", status: 508 }, "fatal 508"],
  [{ kind: "fatal" }, "fatal"],
])("%o reads %j", (outcome, text) => {
  expect(describeOutcome(outcome)).toBe(text);
});
