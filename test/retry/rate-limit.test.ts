import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HttpError } from "../../src/retry/http-error.ts";
import { parseRateLimit } from "../../src/retry/rate-limit.ts";

describe("a quota that is used up says when to come", () => {
  test.each([
    ['"default";r=0;t=30', 30_000],
    ["default;r=0;t=30", 30_000],
    ['"default";r=0;t=0', 0],
    ['"default";t=30;r=0', 30_000],
    ['"default"; r=0;  t=30', 30_000],
    ['"default";r=0;t=30;pk=:c2VjcmV0:;x-vendor="a \\"b\\"";on', 30_000],
    ['"a, b;r=5";r=0;t=7', 7000],
    [' "default";r=0;t=30 ', 30_000],
    ['"default";r=0;t=999999999999999', Number.MAX_SAFE_INTEGER],
  ])("%s: %s ms", (field, delayMs) => {
    expect(parseRateLimit(field)).toBe(delayMs);
  });

  test("and of several the longest", () => {
    expect(parseRateLimit('"s";r=0;t=1, "min";r=0;t=23 ,\t"day";r=399;t=2402')).toBe(23_000);
  });

  test("but one that is not says nothing, nor does one without a time", () => {
    expect(parseRateLimit('"default";r=1;t=30')).toBeUndefined();
    expect(parseRateLimit('"default";r=0')).toBeUndefined();
    expect(parseRateLimit('"default";r=0, "day";r=0;t=9')).toBe(9000);
  });
});

describe("a malformed field is ignored as a whole", () => {
  test.each([
    "",
    "30",
    "limit=100, remaining=0, reset=30",
    '"default";t=30',
    '"default";r=0;t=30,',
    '"default";r=0;t=30, ;',
    '"default";r=0;t=30 "day";r=0;t=9',
    '"default";r=0 ;t=30',
    '"default";r=-0;t=30',
    '"default";r=0.0;t=30',
    '"default";r=0;t=-30',
    '"default";r=0;t=1.5',
    '"default";r=0;t="30"',
    '"default";r=0;t',
    '"default";r=0;t=1234567890123456',
    '"default";R=0;t=30',
    '"default;r=0;t=30',
    '"d\u00e9faut";r=0;t=30',
    '("a" "b");r=0;t=30',
    "problemPolicy;r=0, t=10",
    '"default";r=0;t=30, "day";r=soon;t=9',
    `"${"a".repeat(5000)}";r=0;t=30`,
  ])("%s", (field) => {
    expect(parseRateLimit(field)).toBeUndefined();
  });
});

describe("whatever a server writes", () => {
  const alphabet = [...'"default";r=0;t=30, :?@-.\\()*', "\u0000", "\u00e9", "r=0;t=", '";r='];
  const likeOne = fc
    .array(fc.constantFrom(...alphabet), { maxLength: 60 })
    .map((pieces) => pieces.join(""));

  test.each([
    ["any text", fc.string({ unit: "binary", maxLength: 200 })],
    ["text like a field", likeOne],
    ["quotas and text", likeOne.map((text) => `"a";r=0;t=5, ${text}`)],
  ])("never throws, and is undefined or a safe wait: %s", (_what, fields) => {
    fc.assert(
      fc.property(fields, (field) => {
        const delayMs = parseRateLimit(field);
        if (delayMs === undefined) return;
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  test("a field of a megabyte costs nothing", () => {
    expect(parseRateLimit('"a";r=0;t=5,'.repeat(1e5))).toBeUndefined();
    expect(parseRateLimit(`"${"\\\\".repeat(5e5)}`)).toBeUndefined();
  });

  test("is never early: what is written is what is waited", () => {
    const quota = fc.record({ r: fc.nat({ max: 2 }), t: fc.nat({ max: 1e9 }) });
    fc.assert(
      fc.property(fc.array(quota, { minLength: 1, maxLength: 10 }), (quotas) => {
        const field = quotas.map(({ r, t }, index) => `"q${index}";r=${r};t=${t}`).join(", ");
        const spent = quotas.filter(({ r }) => r === 0).map(({ t }) => t * 1000);
        expect(parseRateLimit(field)).toBe(spent.length === 0 ? undefined : Math.max(...spent));
      }),
      { seed: 1 },
    );
  });
});

describe("an HttpError", () => {
  const asked = (headers: Record<string, string>) =>
    new HttpError(new Response(null, { status: 429, headers })).retryAfterMs;
  const ratelimit = '"default";r=0;t=30';

  test("reads it", () => {
    expect(asked({ ratelimit })).toBe(30_000);
  });

  test("prefers Retry-After", () => {
    expect(asked({ ratelimit, "retry-after": "5" })).toBe(5000);
    expect(asked({ ratelimit, "retry-after": "0" })).toBe(0);
  });

  test("but not one that is invalid", () => {
    expect(asked({ ratelimit, "retry-after": "soon" })).toBe(30_000);
  });

  test.each(["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"])(
    "reads no %s, which may be a time or a number of seconds",
    (name) => {
      expect(asked({ [name]: "30", "ratelimit-remaining": "0" })).toBeUndefined();
    },
  );
});
