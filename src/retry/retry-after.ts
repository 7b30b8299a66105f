/**
 * The Retry-After field: RFC 9110 §10.2.3, `HTTP-date / delay-seconds`.
 *
 * A field that is neither is ignored, as the RFC asks for invalid fields: "1.5", "-5", "1e3" and "soon"
 * are no times. How long a time is worth waiting for is the policy's to say.
 */

/** Milliseconds to wait from `nowMs` (since 1970), 0 for a date gone by; undefined for anything invalid. */
export function parseRetryAfter(field: string, nowMs: number): number | undefined {
  const value = field.trim();
  // Finite whatever the server says, because outcomes are.
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER);
  const dateMs = parseHttpDate(value, nowMs);
  return dateMs === undefined ? undefined : Math.max(0, dateMs - nowMs);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_NAME = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const DAY_NAME_LONG = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";
const MONTH = `(?<month>${MONTHS.join("|")})`;
const TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";

/** The three forms that a recipient must accept, RFC 9110 §5.6.7: IMF-fixdate, RFC 850, asctime. */
const FORMS = [
  new RegExp(`^${DAY_NAME}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^${DAY_NAME_LONG}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^${DAY_NAME} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/** Milliseconds since 1970. Not `Date.parse`, which takes much that is no HTTP-date, and asctime as local time. */
export function parseHttpDate(value: string, nowMs: number): number | undefined {
  for (const form of FORMS) {
    const parts = form.exec(value)?.groups;
    if (parts === undefined) continue;
    const year = Number(parts.year);
    return parts.year.length === 2 ? dateNear(nowMs, year, parts) : dateOf(year, parts);
  }
  return undefined;
}

type Parts = Readonly<Record<string, string>>;

function dateOf(year: number, parts: Parts): number | undefined {
  const { day, hour, minute, second } = parts;
  const date = new Date(0);
  date.setUTCFullYear(year, MONTHS.indexOf(parts.month), +day);
  // 60 is a leap second.
  const isDate = date.getUTCDate() === +day && +hour < 24 && +minute < 60 && +second <= 60;
  return isDate ? date.setUTCHours(+hour, +minute, +second) : undefined;
}

/** What seems "more than 50 years in the future" is of the past; the next century is not. */
function dateNear(nowMs: number, twoDigits: number, parts: Parts): number | undefined {
  const latest = new Date(nowMs);
  latest.setUTCFullYear(latest.getUTCFullYear() + 50);
  const latestYear = latest.getUTCFullYear();
  const year = latestYear - ((latestYear - twoDigits) % 100);
  const dateMs = dateOf(year, parts);
  return dateMs !== undefined && dateMs > latest.getTime() ? dateOf(year - 100, parts) : dateMs;
}
