/**
 * The arrays of `express.ts`. Each has room for as many requests as the ring, for all hold requests of
 * the ring; so only the ring can be full, and then all are made anew, larger.
 */
export class ExpressTables {
  /** How many requests the ring can hold; a power of two. */
  readonly room: number;
  /** The ring of requests, a record each: doubles, and integers over the same bytes. */
  readonly doubles: Float64Array<ArrayBuffer>;
  readonly ints: Int32Array;
  /** The ring of answers on their way: when each reaches its client, and to which request. */
  readonly answersUs: Float64Array;
  readonly answers: Int32Array;
  /** The ring of requests that wait for a worker. */
  readonly queue: Int32Array;
  /** The heap of what workers do: when it is done, and with which request. */
  readonly finishesUs: Float64Array;
  readonly finishes: Int32Array;

  /** @param room a power of two; only what is touched of it takes memory */
  constructor(room: number) {
    this.room = room;
    this.doubles = new Float64Array(room * RECORD_DOUBLES);
    this.ints = new Int32Array(this.doubles.buffer);
    this.answersUs = new Float64Array(room);
    this.answers = new Int32Array(room);
    this.queue = new Int32Array(room);
    this.finishesUs = new Float64Array(room);
    this.finishes = new Int32Array(room);
  }

  copy(other: ExpressTables): void {
    this.doubles.set(other.doubles);
    this.answersUs.set(other.answersUs);
    this.answers.set(other.answers);
    this.queue.set(other.queue);
    this.finishesUs.set(other.finishesUs);
    this.finishes.set(other.finishes);
  }
}

/** A cache line. */
const RECORD_DOUBLES = 8;
