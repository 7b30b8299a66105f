import fc from "fast-check";
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

  test.each([
    ["Friday, 06-Nov-76 08:49:37 GMT", "2026-11-06T08:49:37Z", "2076-11-06T08:49:37Z"],
    ["Friday, 06-Nov-76 08:49:37 GMT", "2026-11-06T08:49:36Z", "1976-11-06T08:49:37Z"],
    ["Saturday, 06-Nov-76 08:49:37 GMT", "2027-01-01T00:00:00Z", "2076-11-06T08:49:37Z"],
    ["Sunday, 06-Nov-77 08:49:37 GMT", "2026-12-31T00:00:00Z", "1977-11-06T08:49:37Z"],
    ["Friday, 01-Jan-00 00:00:05 GMT", "2099-12-31T23:59:59Z", "2100-01-01T00:00:05Z"],
    ["Wednesday, 31-Dec-99 23:59:59 GMT", "2100-01-01T00:00:00Z", "2099-12-31T23:59:59Z"],
  ])("of two digits is at most 50 years ahead: %s in %s is %s", (field, now, date) => {
    expect(parseHttpDate(field, Date.parse(now))).toBe(Date.parse(date));
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

describe("whatever a server writes", () => {
  const pieces = [
    "Sun",
    "Sunday",
    ", ",
    " ",
    "06",
    " 6",
    "-",
    "Nov",
    "1994",
    "94",
    "08:49:37",
    "GMT",
  ];
  const likeADate = fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 14 })
    .map((parts) => parts.join(""));
  const nowMs = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) });

  test.each([
    ["any text", fc.string({ unit: "binary", maxLength: 200 })],
    ["text like a date", likeADate],
    ["digits", fc.stringMatching(/^\d{1,400}$/)],
  ])("never throws, and is undefined or a safe wait: %s", (_what, fields) => {
    fc.assert(
      fc.property(fields, nowMs, (field, now) => {
        const delayMs = parseRetryAfter(field, now);
        if (delayMs === undefined) return;
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  test("is never early: seconds and all three forms of a date are waited to the end", () => {
    fc.assert(
      fc.property(nowMs, fc.integer({ min: 0, max: 49 * 365 * 86_400 }), (now, seconds) => {
        expect(parseRetryAfter(`${seconds}`, now)).toBe(seconds * 1000);
        const date = new Date(Math.ceil(now / 1000) * 1000 + seconds * 1000);
        for (const field of formsOf(date)) {
          expect(parseRetryAfter(field, now)).toBe(date.getTime() - now);
        }
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  test("a field of a megabyte costs nothing", () => {
    expect(parseRetryAfter("9".repeat(1e6), 0)).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseRetryAfter("Sun, ".repeat(2e5), 0)).toBeUndefined();
  });
});

/** As three generations of servers write it. */
function formsOf(date: Date): string[] {
  const [name, day, month, year, time] = date.toUTCString().replace(",", "").split(" ");
  const long = date.toLocaleDateString("en", { weekday: "long", timeZone: "UTC" });
  return [
    date.toUTCString(),
    `${long}, ${day}-${month}-${year.slice(2)} ${time} GMT`,
    `${name} ${month} ${day.replace(/^0/, " ")} ${time} ${year}`,
  ];
}
