/**
 * The RateLimit field, as of draft-ietf-httpapi-ratelimit-headers-10 (27 September 2025,
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/): a List of Items (RFC 9651
 * §3.1), one for each quota, with what is left of it (`r`) and the seconds until it is whole again (`t`):
 * `RateLimit: "minute";r=0;t=23, "day";r=399;t=2402`.
 *
 * A malformed field is ignored as a whole, as the draft asks, and so are the split fields of its earlier
 * versions, whose reset may be a time of day or a number of seconds.
 */

/**
 * Milliseconds until every quota that is used up is whole again; undefined when none is, or no time is
 * told. Some of a quota left says nothing about when to come.
 */
export function parseRateLimit(field: string): number | undefined {
  const quotas = quotasOf(field.trim());
  const spent = quotas?.filter(({ r, t }) => r === 0 && t !== undefined) ?? [];
  if (spent.length === 0) return undefined;
  const seconds = Math.max(...spent.map(({ t = 0 }) => t));
  // Finite whatever the server says, because outcomes are.
  return Math.min(seconds * 1000, Number.MAX_SAFE_INTEGER);
}

interface Quota {
  readonly r: number;
  readonly t: number | undefined;
}

/** No server tells of so many quotas, and what is longer would only be work. */
const LENGTH_MAX = 4096;

const STRING = '"(?:[ !#-\\[\\]-~]|\\\\["\\\\])*"';
const TOKEN = "[A-Za-z*][\\w!#$%&'*+.^`|~:/-]*";
const NUMBER = "@?-?\\d{1,15}(?:\\.\\d{1,3})?";
const BARE_ITEM = `(?:${STRING}|${TOKEN}|${NUMBER}|:[A-Za-z0-9+/=]*:|\\?[01])`;
const PARAMETER = `; *([a-z*][a-z0-9_.*-]*)(?:=(${BARE_ITEM}))?`;
/** With its comma, or as the last. */
const MEMBER = new RegExp(
  `${BARE_ITEM}((?:${PARAMETER.replaceAll(/\((?!\?)/g, "(?:")})*)(?:[ \\t]*(,)[ \\t]*|$)`,
  "y",
);

function quotasOf(field: string): readonly Quota[] | undefined {
  if (field.length > LENGTH_MAX) return undefined;
  const quotas: Quota[] = [];
  for (let at = 0, isMore = true; isMore; at = MEMBER.lastIndex) {
    MEMBER.lastIndex = at;
    const member = MEMBER.exec(field);
    const quota = member && quotaOf(member[1]);
    if (!quota) return undefined;
    quotas.push(quota);
    isMore = member[2] === ",";
  }
  return quotas;
}

function quotaOf(parameters: string): Quota | undefined {
  const values = new Map<string, string | undefined>();
  for (const [, key, value] of parameters.matchAll(new RegExp(PARAMETER, "g"))) {
    values.set(key, value);
  }
  const [left, seconds] = [values.get("r"), values.get("t")];
  if (!isCount(left) || (values.has("t") && !isCount(seconds))) return undefined;
  return { r: Number(left), t: seconds === undefined ? undefined : Number(seconds) };
}

function isCount(value: string | undefined): boolean {
  return value !== undefined && /^\d+$/.test(value);
}
