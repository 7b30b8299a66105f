/** Which requests may be sent twice, and the key by which a server sees that it knows one already. */

/** RFC 9110 §9.2.1, and QUERY (draft-ietf-httpbis-safe-method-w-body). */
const SAFE = ["GET", "HEAD", "OPTIONS", "TRACE", "QUERY"];

/** RFC 9110 §9.2.2: what two of them do is what one does. */
export const IDEMPOTENT: readonly string[] = [...SAFE, "PUT", "DELETE"];

/** draft-ietf-httpapi-idempotency-key-header-07. */
export const KEY_HEADER = "idempotency-key";

/** "when-needed": with requests that are retried though their method is not idempotent; "always": also with PUT and DELETE, and with those that are not retried. Within an attempt of an outer retry none is made: each attempt would have another. */
export type IdempotencyKey = "when-needed" | "always" | "never";

export function needsKey(mode: IdempotencyKey, method: string, isRepeatable: boolean): boolean {
  if (mode === "always") return !SAFE.includes(method);
  return mode === "when-needed" && isRepeatable && !IDEMPOTENT.includes(method);
}

/** 36 characters; without quotes, as the servers that know the field document it. */
export function randomKey(): string {
  const { crypto } = globalThis;
  // Pages that came over plain HTTP have no `randomUUID`.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
