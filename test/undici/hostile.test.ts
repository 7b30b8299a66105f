/** Servers that mean no good: no crash, no hot loop, and an end that says what happened. */
import type { Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EMPTY_503, FINE, hang, hangUp, hostile, write } from "../fetch/hostile-server.ts";
import { fine, serve } from "../fetch/server.ts";
import { waiting } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";
import { retrying } from "./retrying.ts";

test.each([
  ["of one megabyte", (n: number) => `x-a: ${"y".repeat(n)}\r\n`],
  ["in a hundred thousand", (n: number) => "x-a: yyyy\r\n".repeat(n / 11)],
])("headers %s are an error that says so, once", async (_what, headers) => {
  const { url, requests } = await hostile(write(`${EMPTY_503}${headers(2 ** 20)}\r\n`));
  await expect(retrying().send(url)).rejects.toMatchObject({ code: "UND_ERR_HEADERS_OVERFLOW" });
  expect(requests()).toBe(1);
});

test("what is no HTTP is an error that says so, within three attempts: a proxy may have stammered", async () => {
  const { url, requests } = await hostile(write("SSH-2.0-OpenSSH_9.9\r\n"));
  await expect(retrying().send(url)).rejects.toMatchObject({ name: "HTTPParserError" });
  expect(requests()).toBe(3);
});

test("header fields of bytes that are no text do no harm", async () => {
  const garbage = `${EMPTY_503}retry-after: \u0080\u00ff\r\nx-should-retry: \u00ff\r\nx-a:\r\n\r\n`;
  const { url, requests } = await hostile((socket) => void socket.end(garbage, "latin1"));
  expect((await retrying().send(url)).status).toBe(503);
  expect(requests()).toBe(3);
});

describe("a rejection whose body never ends", () => {
  const headers = "HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n";

  test("is cut off when it is long, before the wait is over", async () => {
    let hungUp: Promise<unknown> | undefined;
    const flood = (socket: Socket) => {
      hungUp = closed(socket);
      socket.write(headers);
      const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
      const more = () => {
        while (socket.writable && socket.write(chunk));
      };
      socket.on("drain", more);
      more();
    };
    const { url, requests } = await hostile(flood, write(FINE));
    const clock = new VirtualClock();
    const call = retrying({ clock }).send(url);
    while (hungUp === undefined) await turn();
    await hungUp;
    expect(requests()).toBe(1);
    await clock.advance(100);
    expect((await call).text).toBe("fine");
    expect(requests()).toBe(2);
  });

  test("is cut off when it is slow", async () => {
    let hungUp: Promise<unknown> | undefined;
    const { url } = await hostile((socket) => {
      hungUp = closed(socket);
      socket.write(`${headers}1\r\nx\r\n`);
    }, write(FINE));
    const clock = new VirtualClock();
    const call = retrying({ clock }).send(url);
    // The wait for the retry, and the patience with the body.
    while (clock.pending < 2) await turn();
    await clock.advance(1000);
    expect((await call).text).toBe("fine");
    await hungUp;
    expect(clock.pending).toBe(0);
  });
});

test("a rejection that never ends is cut off too when its call ends with an error instead", async () => {
  let hungUp: Promise<unknown> | undefined;
  const { url } = await hostile((socket) => {
    hungUp = closed(socket);
    socket.write("HTTP/1.1 404 No\r\ntransfer-encoding: chunked\r\n\r\n");
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    const more = () => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on("drain", more);
    more();
  });
  await expect(retrying({ giveUp: "error" }).send(url)).rejects.toThrow("not-retryable");
  await hungUp;
});

describe("a connection reset in the middle", () => {
  const ok = "HTTP/1.1 200 Yes\r\ncontent-length: 100\r\n";

  test.each([
    ["of the headers", ok],
    ["of a rejection's body", "HTTP/1.1 503 No\r\ncontent-length: 100\r\n\r\nsorry"],
  ])("%s is worth another attempt, and no more than the policy allows", async (_where, text) => {
    const { url, requests } = await hostile(hangUp(text));
    await retrying()
      .send(url)
      .catch(() => {});
    expect(requests()).toBe(3);
  });

  test("of an answer's body is the reader's to hear: half of it may have been used", async () => {
    let cut = () => {};
    const { url, requests } = await hostile((socket) => {
      socket.write(`${ok}\r\nhalf`);
      cut = () => socket.resetAndDestroy();
    });
    const { body } = await retrying().open(url);
    const text = body.text();
    cut();
    await expect(text).rejects.toThrow();
    expect(requests()).toBe(1);
  });
});

test("whatever a server does, a call ends, within three attempts, and the next is none the worse", async () => {
  const acts: Record<string, (socket: Socket) => void> = {
    nothing: write(""),
    reset: hangUp(""),
    garbage: write("\u0000\u0001\u0002"),
    "half a status": hangUp("HTTP/1.1 5"),
    "half a header": hangUp(`${EMPTY_503}retry-`),
    busy: write(`${EMPTY_503}\r\n`),
    "busy for ever": write(`${EMPTY_503}retry-after: 99999999999999999999\r\n\r\n`),
    "busy since ever": write(`${EMPTY_503}retry-after: Thu Jan  1 00:00:00 0000\r\n\r\n`),
    "quota of nonsense": write(`${EMPTY_503}ratelimit: ";;r=0;t=;"\r\n\r\n`),
    "rejection cut off": hangUp("HTTP/1.1 503 No\r\ncontent-length: 9\r\n\r\nx"),
    "rejection and more": write(`${EMPTY_503}\r\nHTTP/1.1 200 Yes\r\n\r\nunasked`),
    "a switch of protocols": hangUp("HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
    "hints without end": hangUp("HTTP/1.1 103 Hint\r\nlink: </a>\r\n\r\n".repeat(100)),
    fine: write("HTTP/1.1 200 Yes\r\nconnection: close\r\n\r\nfine"),
  };
  const attempts: number[] = [];
  const observer = { callEnded: (event: { attempts: number }) => attempts.push(event.attempts) };
  const { send } = retrying({ policy: waiting(3), observer, giveUp: "error" });
  const script = fc.array(fc.constantFrom(...Object.keys(acts)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(script, async (names) => {
      const { url, close } = await hostile(...names.map((name) => acts[name]));
      attempts.length = 0;
      const ending = await send(url).then(
        ({ text }) => text,
        (error) => error.name,
      );
      expect(["fine", "RetryStopped"]).toContain(ending);
      expect(attempts).toHaveLength(1);
      expect(attempts[0]).toBeLessThanOrEqual(3);
      close();
    }),
    { numRuns: 100, seed: 1 },
  );
  const well = await serve(fine);
  expect((await send(well.url)).status).toBe(200);
});

test("a rejection that hangs is passed on as far as it came, and can be left", async () => {
  const { url } = await hostile(hang("HTTP/1.1 404 No\r\ncontent-length: 9\r\n\r\nx"));
  const controller = new AbortController();
  const { statusCode, body } = await retrying().open(url, { signal: controller.signal });
  expect(statusCode).toBe(404);
  const text = body.text();
  controller.abort(new Error("the user left"));
  await expect(text).rejects.toThrow("the user left");
});

const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));
