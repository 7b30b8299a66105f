import { describe, expect, test } from "vitest";
import { parseHttpDate, parseRetryAfter } from "../../src/retry/retry-after.ts";

/** RFC 9110 §5.6.7 writes this moment in all three forms. */
const NOV_6_1994_MS = Date.UTC(1994, 10, 6, 8, 49, 37);

test.each([
  ["0", 0],
  ["2", 2000],
  ["007", 7000],
  [" 120 ", 120_000],
  ["86400", 86_400_000],
  ["9999999999", 9_999_999_999_000],
  ["9".repeat(400), Number.MAX_SAFE_INTEGER],
])("delay-seconds: %s", (field, delayMs) => {
  expect(parseRetryAfter(field, 0)).toBe(delayMs);
});

describe("an HTTP-date", () => {
  test.each([
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
  ])("counts from now: %s", (field) => {
    expect(parseHttpDate(field, NOV_6_1994_MS)).toBe(NOV_6_1994_MS);
    expect(parseRetryAfter(field, NOV_6_1994_MS - 5000)).toBe(5000);
  });

  test("that has gone by is no wait", () => {
    expect(parseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", NOV_6_1994_MS + 1)).toBe(0);
  });

  test("of two digits more than 50 years ahead is of the past", () => {
    const in2026 = Date.UTC(2026, 0, 1);
    expect(parseHttpDate("Sunday, 06-Nov-76 08:49:37 GMT", in2026)).toBe(
      Date.UTC(2076, 10, 6, 8, 49, 37),
    );
    expect(parseHttpDate("Sunday, 06-Nov-77 08:49:37 GMT", in2026)).toBe(
      Date.UTC(1977, 10, 6, 8, 49, 37),
    );
  });

  test("may be a leap second", () => {
    expect(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT", 0)).toBe(Date.UTC(2017, 0, 1));
  });
});

test.each([
  "",
  "-5",
  "+5",
  "1.5",
  "1e3",
  "0x10",
  "2, 3",
  "soon",
  "Infinity",
  "1994-11-06T08:49:37Z",
  "Sun, 06 Nov 1994 08:49:37 UTC",
  "Sun, 6 Nov 1994 08:49:37 GMT",
  "Sun, 31 Feb 1994 08:49:37 GMT",
  "Sun, 06 Nov 1994 24:00:00 GMT",
  "Sun, 06 Nov 1994 08:60:00 GMT",
  "sun, 06 nov 1994 08:49:37 gmt",
])("invalid and ignored: %j", (field) => {
  expect(parseRetryAfter(field, NOV_6_1994_MS)).toBeUndefined();
});
