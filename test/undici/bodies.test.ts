/** What is sent as often as it is sent, and what of the answers arrives. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { type Dispatcher, FormData } from "undici";
import { describe, expect, test, vi } from "vitest";
import { stopOf } from "../../src/undici/index.ts";
import { answer, busy, fine, reset, serve } from "../fetch/server.ts";
import { policyOf, waiting, watched } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";
import { retrying } from "./retrying.ts";

const hello = () => Buffer.from("hello");
const form = () => {
  const data = new FormData();
  data.set("name", "hello");
  return data;
};

describe("a body in memory is sent again, whole", () => {
  test.each([
    ["a string", () => "hello"],
    ["a Buffer", hello],
    ["a Uint8Array", () => new Uint8Array(hello())],
    ["a part of a larger array", () => Buffer.from("xhellox").subarray(1, 6)],
    ["an ArrayBuffer", () => new Uint8Array(hello()).buffer],
    ["a Blob", () => new Blob(["hello"])],
    ["a FormData", form],
    ["nothing", () => null],
  ])("%s", async (_what, body) => {
    const { url, received } = await serve(busy, reset, fine);
    expect(await retrying().send(url, { method: "PUT", body: body() as never })).toMatchObject({
      text: "fine",
    });
    const sent = await Promise.all([received[0].body, received[2].body]);
    expect(withoutBoundary(sent[0])).toBe(withoutBoundary(sent[1]));
    expect(sent[0] === "").toBe(body() === null);
  });
});

const withoutBoundary = (text: string) => text.replaceAll(/formdata-undici-\d+/g, "");

const readOnce: [string, () => unknown][] = [
  [
    "an async generator",
    async function* () {
      yield hello();
    },
  ],
  [
    "a generator",
    function* () {
      yield hello();
    },
  ],
  ["a web stream", () => ReadableStream.from([hello()])],
  ["a Node stream", () => Readable.from([hello()])],
  ["an iterable", () => new Set([hello()])],
];

describe.each(readOnce)("a body that is read once, %s,", (_what, body) => {
  test("is sent once, and the server's answer is the end", async () => {
    const { url, received } = await serve(busy, fine);
    const sent = await retrying().send(url, { method: "PUT", body: body() as never });
    expect(sent).toMatchObject({ status: 503, text: "busy" });
    expect(await Promise.all(received.map(({ body }) => body))).toEqual(["hello"]);
  });

  test("is sent once, and without an answer the error says why, by undici's code", async () => {
    const { url, received } = await serve(reset);
    const call = retrying().send(url, { method: "PUT", body: body() as never });
    const error = await call.catch((error) => error);
    expect(error.message).toMatch(/^Expected a body that can be sent again/);
    expect(error.code).toBe(error.cause.code);
    expect(["ECONNRESET", "UND_ERR_SOCKET", "EPIPE"]).toContain(error.code);
    expect(received.length).toBeLessThanOrEqual(1);
  });
});

test("a body that breaks off ends the call with its own error, once", async () => {
  const { url } = await serve(fine);
  const broken = new Error("the disk is gone");
  const body = async function* () {
    yield hello();
    throw broken;
  };
  const error = await retrying()
    .send(url, { method: "PUT", body: body() as never })
    .catch((error) => error);
  expect(error).toBe(broken);
});

/** More than all buffers on the way hold. */
const FLOOD_BYTES = 100_000_000;

describe("an answer", () => {
  const long = "x".repeat(5_000_000);

  test("that comes after a retry is read to its end, by a slow reader too", async () => {
    const { url } = await serve(busy, answer(200, long));
    const { body } = await retrying().open(url);
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      await setImmediate();
    }
    expect(bytes).toBe(long.length);
  });

  test("that ends a call badly is read to its end, however long", async () => {
    const { url } = await serve(busy, answer(503, long));
    const { body } = await retrying({ policy: waiting(2) }).open(url);
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      await setImmediate();
    }
    expect(bytes).toBe(long.length);
  });

  /** As much as the other side takes, and how much that was. */
  function flood() {
    const seen = { bytes: 0 };
    const answer = (status: number) => (response: ServerResponse) => {
      response.writeHead(status);
      const more = () => {
        do seen.bytes += 100_000;
        while (seen.bytes < FLOOD_BYTES && response.write(Buffer.alloc(100_000)));
      };
      response.on("drain", more);
      more();
    };
    const settle = async () => {
      for (let turns = 0; turns < 1000 && seen.bytes < FLOOD_BYTES; turns++) await turn();
    };
    return { seen, answer, settle };
  }

  test.each([200, 404])(
    "of %i is not read from the socket faster than its reader reads",
    async (status) => {
      const { seen, answer, settle } = flood();
      const { url } = await serve(answer(status));
      const { body } = await retrying().open(url);
      await settle();
      expect(seen.bytes).toBeLessThan(FLOOD_BYTES);
      await body.dump({ limit: 1 }).catch(() => {});
    },
  );

  test("is not read from the socket while a handler is paused that was so before it came", async () => {
    const { seen, answer, settle } = flood();
    const { url, request } = await serve(busy, answer(200));
    const { dispatcher } = retrying();
    let controller: Dispatcher.DispatchController | undefined;
    const heard = vi.fn();
    dispatcher.dispatch(
      { origin: url, path: "/", method: "GET" },
      {
        onRequestStart: (given) => {
          if (controller === undefined) given.pause();
          controller = given;
        },
        onResponseStart: heard,
        onResponseError: () => {},
      },
    );
    await request(2);
    await settle();
    controller?.abort(new Error("enough"));
    expect(seen.bytes).toBeLessThan(FLOOD_BYTES);
    expect(heard).not.toHaveBeenCalled();
  });

  test("has its trailers", async () => {
    const { url } = await serve(busy, (response) => {
      response.writeHead(200, { trailer: "x-sum" });
      response.write("fine");
      response.addTrailers({ "x-sum": "4" });
      response.end();
    });
    const { body, trailers } = await retrying().open(url);
    await body.text();
    expect(trailers).toEqual({ "x-sum": "4" });
  });

  test.each([204, 304])("without a body, %i, comes through", async (status) => {
    const { url } = await serve(busy, answer(status));
    expect((await retrying().send(url)).status).toBe(status);
  });

  test("to HEAD that says no comes through", async () => {
    const { url } = await serve(answer(404, "", { "content-length": "5" }));
    expect((await retrying().send(url, { method: "HEAD" })).status).toBe(404);
  });
});

describe("a rejection that a retry follows", () => {
  test("is read when it is short, so the connection serves the retry", async () => {
    const { url, received, connections } = await serve(busy, answer(503, "x".repeat(60_000)), fine);
    await retrying().send(url);
    expect(received).toHaveLength(3);
    expect(connections()).toBe(1);
  });

  test("is cut off when it is long", async () => {
    const { url, connections } = await serve(answer(503, "x".repeat(200_000)), fine);
    expect((await retrying().send(url)).text).toBe("fine");
    expect(connections()).toBe(2);
  });

  /** Waits, and then thinks better of it, as a kill switch makes a policy. */
  const indecisive = policyOf(
    () => ({ do: "wait", delayMs: 100 }),
    () => ({ do: "stop", why: "flag" }),
  );

  test("stays when it is short: the retry may be stopped in its wait", async () => {
    const { url } = await serve(answer(503, "busy", { "x-a": "b" }));
    const { status, text, headers } = await retrying({ policy: indecisive }).send(url);
    expect([status, text, headers["x-a"]]).toEqual([503, "busy", "b"]);
    expect(stopOf(headers)?.why).toBe("flag");
  });

  test("is read on when its wait ends before it does", async () => {
    let finish = () => {};
    const { url } = await serve((response) => {
      response.writeHead(503).write("bu");
      finish = () => void response.end("sy");
    });
    const { body, statusCode } = await retrying({ policy: indecisive }).open(url);
    finish();
    expect([statusCode, await body.text()]).toEqual([503, "busy"]);
  });

  test("is not whole when it was long, and says so", async () => {
    const { url, request } = await serve(answer(503, "x".repeat(200_000)));
    const clock = new VirtualClock();
    const call = watched(retrying({ policy: indecisive, clock }).open(url));
    const { message } = await request(1);
    await new Promise((resolve) => message.socket.once("close", resolve));
    await clock.advance(100);
    await turn();
    const { statusCode, body } = call.value as Awaited<
      ReturnType<ReturnType<typeof retrying>["open"]>
    >;
    expect(statusCode).toBe(503);
    await expect(body.text()).rejects.toThrow("cut off to free its connection");
  });
});
