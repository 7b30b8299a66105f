/** Whatever a dispatcher does, in whatever order, a handler hears one story, from its beginning to one end. */

import fc from "fast-check";
import type { Dispatcher } from "undici";
import { expect, test } from "vitest";
import { retryInterceptor } from "../../src/undici/index.ts";
import { waiting } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";

type Handler = Dispatcher.DispatchHandler;

/** One attempt's connection, which may be deaf to a pause, as undici's is when the other side closes. */
class Connection implements Dispatcher.DispatchController {
  paused = false;
  aborted = false;
  reason: Error | null = null;
  readonly #handler: Handler;
  readonly #script: (() => void)[] = [];
  #hasEnded = false;

  constructor(handler: Handler, script: Script) {
    this.#handler = handler;
    const { status, chunks, end, isDeaf } = script;
    const tell = (event: () => void) => this.#script.push(event);
    if (status !== undefined) {
      tell(() => handler.onResponseStart?.(this, status, { "x-status": `${status}` }, ""));
      for (let n = 0; n < chunks; n++) tell(() => handler.onResponseData?.(this, Buffer.from([n])));
    }
    tell(() => {
      this.#hasEnded = true;
      if (end === "well" && status !== undefined) handler.onResponseEnd?.(this, {});
      else handler.onResponseError?.(this, CONNECTION_BROKEN);
    });
    this.isDeaf = isDeaf;
  }

  readonly isDeaf: boolean;
  isBegun = false;

  begin(): void {
    this.isBegun = true;
    this.#handler.onRequestStart?.(this, null);
  }

  /** The next event, if the handler takes it. */
  step(): boolean {
    if (this.#hasEnded || this.aborted || (this.paused && !this.isDeaf)) return false;
    if (!this.isBegun) {
      this.begin();
      return true;
    }
    this.#script.shift()?.();
    return true;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  abort(reason: Error): void {
    if (this.aborted || this.#hasEnded) return;
    this.aborted = true;
    this.reason = reason;
    this.#handler.onResponseError?.(this, reason);
  }
}

interface Script {
  readonly status: number | undefined;
  readonly chunks: number;
  readonly end: "well" | "badly";
  readonly isDeaf: boolean;
  /** It waits for a connection. */
  readonly isQueued: boolean;
}

const CONNECTION_BROKEN = Object.assign(new Error("reset"), { code: "ECONNRESET" });
const USER_LEFT = new Error("the user left");

const scripts = fc.array(
  fc.record({
    status: fc.constantFrom(undefined, 200, 204, 404, 503),
    chunks: fc.nat(3),
    end: fc.constantFrom("well", "badly"),
    isDeaf: fc.boolean(),
    isQueued: fc.boolean(),
  }) as fc.Arbitrary<Script>,
  { minLength: 3, maxLength: 3 },
);

type Act = "step" | "time" | "pause" | "resume" | "abort" | "timeout";

const acts = fc.array(
  fc.constantFrom<Act[]>("step", "step", "step", "time", "pause", "resume", "abort", "timeout"),
  { maxLength: 40 },
);

const NONE: Script = { status: undefined, chunks: 0, end: "well", isDeaf: false, isQueued: false };

/** Two chunks are kept for it, and it resumes while it is told the first. */
const A_READER_THAT_IS_PAUSED_AND_ALWAYS_READY: [Script[], Act[], boolean] = [
  [{ ...NONE, status: 200, chunks: 2, isDeaf: true }, NONE, NONE],
  ["step", "pause", "step", "step"],
  true,
];

test("a handler hears one answer or one error, its chunks in order, and nothing after its end", async () => {
  await fc.assert(
    fc.asyncProperty(scripts, acts, fc.boolean(), async (scripts, acts, isEager) => {
      const clock = new VirtualClock();
      const connections: Connection[] = [];
      const dispatch: Dispatcher.Dispatch = (_options, handler) => {
        const connection = new Connection(handler, scripts[connections.length]);
        connections.push(connection);
        if (!scripts[connections.length - 1].isQueued) connection.begin();
        return true;
      };
      const heard: string[] = [];
      let controller: Dispatcher.DispatchController | undefined;
      let isPaused = false;
      let hasEnded = false;
      let isTelling = false;
      const compose = retryInterceptor({ policy: waiting(3), clock, timeoutMs: 5000 });
      compose(dispatch)(
        { origin: "http://a.example", path: "/", method: "GET" },
        {
          onRequestStart: (given) => {
            if (hasEnded) heard.push("begun after the end");
            expect(controller ?? given).toBe(given);
            controller = given;
          },
          onResponseStart: (_controller, status) => void heard.push(`start ${status}`),
          onResponseData: (_controller, chunk) => {
            if (isPaused) heard.push("told while paused");
            heard.push(`data ${chunk[0]}`);
            if (isTelling) heard.push("told while it is told");
            isTelling = true;
            // As a reader that is always ready does.
            if (isEager) controller?.resume();
            isTelling = false;
          },
          onResponseEnd: () => {
            hasEnded = true;
            heard.push("end");
          },
          onResponseError: (_controller, error) => {
            hasEnded = true;
            heard.push(`error ${error.message}`);
          },
        },
      );
      const settle = async () => {
        for (let turns = 0; turns < 3; turns++) await clock.advance(0);
      };
      await settle();
      for (const act of acts) {
        if (act === "step") connections.at(-1)?.step();
        else if (act === "time") await clock.advance(100);
        else if (act === "timeout") await clock.advance(5000);
        else if (act === "pause") {
          isPaused = controller !== undefined;
          controller?.pause();
        } else if (act === "resume") {
          isPaused = false;
          controller?.resume();
        } else controller?.abort(USER_LEFT);
        await settle();
      }
      // Everybody goes on until there is nothing left to do.
      isPaused = false;
      for (let rounds = 0; rounds < 60; rounds++) {
        controller?.resume();
        await settle();
        for (const connection of connections) connection.step();
        await settle();
        await clock.advance(100);
      }
      await clock.advance(10_000);
      await turn();

      const story = heard.join(", ");
      expect(story).toMatch(/^(start \d+, (data \d, )*)?(end|error [^,]*)$/);
      expect(story.match(/start/g)?.length ?? 0).toBeLessThanOrEqual(1);
      const chunks = [...story.matchAll(/data (\d)/g)].map(([, n]) => Number(n));
      expect(chunks).toEqual(chunks.map((_, index) => index));
      if (/start (200|204)/.test(story) && story.endsWith("end")) {
        expect(chunks).toHaveLength(scripts[connections.length - 1].chunks);
      }
      expect(connections.length).toBeLessThanOrEqual(3);
      expect(clock.pending).toBe(0);
      for (const connection of connections) {
        expect(connection.step(), "nobody waits for a connection that is paused").toBe(false);
      }
    }),
    { numRuns: 500, seed: 1, examples: [A_READER_THAT_IS_PAUSED_AND_ALWAYS_READY] },
  );
});
