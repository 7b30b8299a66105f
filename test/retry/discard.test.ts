import { Readable } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { discard } from "../../src/retry/discard.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { watched } from "./client.ts";

test("a body that never ends is cancelled after a second", async () => {
  const clock = new VirtualClock();
  const cancel = vi.fn();
  const trickle = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(1)),
    cancel,
  });
  const discarded = watched(discard(new Response(trickle), clock));
  await clock.advance(999);
  expect(discarded.state).toBe("pending");
  await clock.advance(1);
  expect(discarded).toMatchObject({ value: false });
  expect(cancel).toHaveBeenCalledOnce();
});

test.each([
  ["a short body", () => new Response("busy"), true],
  ["no body", () => new Response(null), true],
  ["a long body", () => new Response("x".repeat(1e5)), false],
  ["a body that refuses to be cancelled", () => new Response(stubborn()), false],
  ["a body that breaks off", () => new Response(broken()), false],
])("of %s it leaves no timer, and says whether it was read", async (_what, response, isWhole) => {
  const clock = new VirtualClock();
  expect(await discard(response(), clock)).toBe(isWhole);
  expect(clock.pending).toBe(0);
});

test("a body that somebody else reads, or has read, is left alone", async () => {
  const read = new Response("busy");
  await read.text();
  expect(await discard(read)).toBe(false);
  const reading = new Response("busy");
  reading.body?.getReader();
  expect(await discard(reading)).toBe(false);
});

describe("a body that is no web stream", () => {
  const answerWith = (body: unknown) => ({ status: 503, body }) as Response;

  test("is destroyed when it is a stream of Node, as node-fetch's is", async () => {
    const body = Readable.from(["busy"]);
    expect(await discard(answerWith(body))).toBe(false);
    expect(body.destroyed).toBe(true);
  });

  test.each([
    ["a mock's text", "busy"],
    ["one that refuses to be destroyed", { destroy: () => expect.unreachable() }],
  ])("changes nothing when it is %s", async (_what, body) => {
    expect(await discard(answerWith(body))).toBe(false);
  });

  test("is none when a mock has none", async () => {
    expect(await discard(answerWith(undefined))).toBe(true);
  });
});

function broken() {
  return new ReadableStream({ start: (controller) => controller.error(new Error("reset")) });
}

function stubborn() {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1e5)),
    cancel: () => Promise.reject(new Error("no")),
  });
}
