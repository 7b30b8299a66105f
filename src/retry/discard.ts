import { type Clock, systemClock } from "../clock.ts";

/** More than an error page has; more is cheaper to cut off than to read. */
export const DISCARD_BYTES_MAX = 64 * 1024;
export const DISCARD_TIME_MAX_MS = 1000;

/**
 * Frees a response's connection. A body that nobody wants is read to its end when short, so that the
 * connection can serve the retry (a new one costs an overloaded server more), and cancelled when it is
 * long or slow. Never rejects: a body that breaks off, or was read, changes nothing.
 *
 * Resolves with whether the body was read to its end.
 */
export async function discard(response: Response, clock: Clock = systemClock): Promise<boolean> {
  const { body, bodyUsed } = response;
  if (!body) return true;
  if (bodyUsed || body.locked) return false;
  if (!isWebStream(body)) return destroy(body);
  const reader = body.getReader();
  let isWhole = true;
  const cancel = () => void reader.cancel().catch(() => {});
  const cancelTimeout = clock.timeout(DISCARD_TIME_MAX_MS, () => {
    isWhole = false;
    cancel();
  });
  try {
    for (let bytes = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) return isWhole;
      bytes += value.byteLength;
      if (bytes <= DISCARD_BYTES_MAX) continue;
      cancel();
      return false;
    }
  } catch {
    return false;
  } finally {
    cancelTimeout();
  }
}

/** The body of node-fetch is a stream of Node, and a mock's is anything. */
export function isWebStream(body: unknown): body is ReadableStream {
  return typeof (body as Partial<ReadableStream> | null | undefined)?.getReader === "function";
}

/** Its connection goes with it. */
function destroy(body: { destroy?(): unknown }): boolean {
  try {
    body.destroy?.();
  } catch {}
  return false;
}
