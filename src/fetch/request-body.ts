/**
 * What a request sends, as often as it is sent. A stream can be read once: whoever sends it again sends
 * nothing, and is told of a success. So it is kept while it is sent the first time, up to a limit, or it
 * is not sent again.
 */

import { isWebStream } from "../retry/discard.ts";
import { isInMemory } from "./repeatable-body.ts";

/** Most bodies of a Request are a few kilobytes that are in memory anyway. */
const REQUEST_BYTES_MAX = 64 * 1024;

/** The attempt failed, and there is nothing left to send in another. */
export class BodyNotRepeatable extends TypeError {
  override readonly name = "TypeError";
}

export class RequestBody {
  /** What the first attempt sends instead of what it was given; undefined: that itself. */
  readonly first: ReadableStream | undefined;
  /** Why there is no second time, if that is known already. */
  #why: string | undefined;
  #kept: Promise<Uint8Array<ArrayBuffer> | undefined> | undefined;
  #reader: ReadableStreamDefaultReader | undefined;

  /** `bytesMax`: how much of a body that can be read only once is kept. */
  constructor(given: unknown, request: Request | undefined, bytesMax: number | undefined) {
    if (given !== undefined && given !== null) {
      if (!isInMemory(given)) this.first = this.#keep(given, bytesMax ?? 0);
    } else if (request !== undefined && request.body !== null && !isBodiless(request)) {
      // What is sent first is the Request itself, which knows its length and needs no streaming.
      this.#keepCopy(request, bytesMax ?? REQUEST_BYTES_MAX);
    }
  }

  get isRepeatable(): boolean {
    return this.#why === undefined;
  }

  /** Whether it can be sent again while it is being sent. */
  get isAtHand(): boolean {
    return !this.#kept && this.isRepeatable;
  }

  /**
   * For an attempt after the first; undefined: what was given.
   *
   * @throws {BodyNotRepeatable} when there was too much of it
   */
  async again(cause: unknown): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const kept = await this.#kept;
    if (this.#why !== undefined) throw this.refusal(cause);
    return kept;
  }

  refusal(cause: unknown): BodyNotRepeatable {
    return new BodyNotRepeatable(
      `Expected a body that can be sent again, got ${this.#why}, so the request is not retried. ` +
        "Hand in a string, a Blob or an ArrayBuffer, or let `replayBytesMax` be as large as it gets.",
      { cause },
    );
  }

  /** Nothing is sent any more. */
  release(): void {
    this.#reader?.cancel().catch(() => {});
  }

  #keep(given: unknown, bytesMax: number): ReadableStream | undefined {
    const stream = bytesMax === 0 ? undefined : streamOf(given);
    if (stream === undefined) {
      this.#why = "a stream that is not kept";
      return undefined;
    }
    const [first, copy] = stream.tee();
    this.#collect(copy, bytesMax);
    return first;
  }

  #keepCopy(request: Request, bytesMax: number): void {
    if (bytesMax === 0) {
      this.#why = "the body of a Request, which is not kept";
      return;
    }
    const copy = request.clone();
    // Firefox shows no `body`, and the copy is read whole.
    if (copy.body) this.#collect(copy.body, bytesMax);
    else this.#settleWith(copy.arrayBuffer().then((buffer) => new Uint8Array(buffer)));
  }

  #collect(copy: ReadableStream, bytesMax: number): void {
    const reader = copy.getReader();
    this.#reader = reader;
    const collect = async () => {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      for (let bytes = 0; ; ) {
        const { done, value } = await reader.read();
        if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
        bytes += value.byteLength;
        chunks.push(value);
        if (bytes <= bytesMax) continue;
        this.#why = `more than ${bytesMax} bytes`;
        this.release();
        return undefined;
      }
    };
    this.#settleWith(collect());
  }

  #settleWith(kept: Promise<Uint8Array<ArrayBuffer> | undefined>): void {
    this.#kept = kept.catch(() => {
      // Its other half, which is being sent, breaks off too, and tells.
      this.#why = "a stream that broke off";
      return undefined;
    });
  }
}

function isBodiless({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

/** Undefined of what only its sender knows to read, as the streams of old that do nothing but pipe. */
function streamOf(body: unknown): ReadableStream | undefined {
  if (isWebStream(body)) return body;
  return isAsyncIterable(body) ? ReadableStream.from(bytesOf(body)) : undefined;
}

/** Streams of Node give text too, which a fetch takes of them, but not of a web stream. */
async function* bytesOf(body: AsyncIterable<unknown>) {
  const encoder = new TextEncoder();
  for await (const chunk of body) yield typeof chunk === "string" ? encoder.encode(chunk) : chunk;
}

function isAsyncIterable(body: unknown): body is AsyncIterable<unknown> {
  return Symbol.asyncIterator in Object(body);
}
