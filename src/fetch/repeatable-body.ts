/**
 * Whether a body is in memory, and so can be sent as often as one likes. Anything else, a stream, a
 * generator or an object that is not known, is read once: whoever sends it again sends nothing, and is told of a
 * success.
 */
export function isInMemory(body: unknown): boolean {
  if (body === null || (typeof body !== "object" && typeof body !== "function")) return true;
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return true;
  // By their names: undici has a FormData of its own, and so has each realm. Streams posing as one pipe.
  const tag = (body as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return IN_MEMORY.includes(`${tag}`) && !("pipe" in (body as object));
}

const IN_MEMORY = ["Blob", "File", "FormData", "URLSearchParams", "ArrayBuffer"];
