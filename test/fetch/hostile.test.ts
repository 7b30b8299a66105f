/** Servers that mean no good: no crash, no hot loop, and an end that says what happened. */
import type { Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFetch, stopOf } from "../../src/fetch/index.ts";
import { waiting } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";
import { EMPTY_503, FINE, hang, hangUp, hostile, write } from "./hostile-server.ts";
import { answer, fine, SkippingClock, serve } from "./server.ts";

describe.each([
  ["garbage", "soon"],
  ["a negative number", "-5"],
  ["a negative date", "Sun, 06 Nov -994 08:49:37 GMT"],
  ["a date that is none", "Sun, 31 Feb 2094 08:49:37 GMT"],
  ["not a number", "NaN"],
  ["nothing", ""],
  ["two of them", "1, 2"],
])("a Retry-After of %s", (_what, field) => {
  test("is as none: neither at once nor never", async () => {
    const { url, received } = await serve(answer(503, "", { "retry-after": field }));
    const clock = new SkippingClock();
    await createFetch({ policy: waiting(3), clock })(url);
    expect(received).toHaveLength(3);
    expect(clock.waitsMs).toEqual([100, 100]);
  });
});

test.each([
  "86400",
  "9999999999",
  "9".repeat(300),
  "Fri, 06 Nov 2994 08:49:37 GMT",
  "Fri Nov  6 08:49:37 9999",
])("a Retry-After without an end, %s, ends the call at once, with the answer", async (field) => {
  const { url, received } = await serve(answer(503, "busy", { "retry-after": field }));
  const clock = new SkippingClock();
  const response = await createFetch({ clock })(url);
  expect(await response.text()).toBe("busy");
  expect(stopOf(response)?.why).toBe("retry-after");
  expect(received).toHaveLength(1);
  expect(clock.waitsMs).toEqual([]);
});

test.each([
  ["of one megabyte", (n: number) => `x-a: ${"y".repeat(n)}\r\n`],
  ["in a hundred thousand", (n: number) => "x-a: yyyy\r\n".repeat(n / 11)],
])("headers %s are an error that says so, once", async (_what, headers) => {
  const { url, requests } = await hostile(write(`${EMPTY_503}${headers(2 ** 20)}\r\n`));
  const error = await retrying()(url).catch((error) => error);
  expect(error.cause.code).toBe("UND_ERR_HEADERS_OVERFLOW");
  expect(requests()).toBe(1);
});

test("what is no HTTP is an error that says so, within three attempts: a proxy may have stammered", async () => {
  const { url, requests } = await hostile(write("SSH-2.0-OpenSSH_9.9\r\n"));
  const error = await retrying()(url).catch((error) => error);
  expect(error.cause.name).toBe("HTTPParserError");
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
    const call = createFetch({ policy: waiting(3), clock })(url);
    while (hungUp === undefined) await turn();
    await hungUp;
    expect(requests()).toBe(1);
    await clock.advance(100);
    expect(await (await call).text()).toBe("fine");
    expect(requests()).toBe(2);
  });

  test("is cut off when it is slow", async () => {
    let hungUp: Promise<unknown> | undefined;
    const { url } = await hostile((socket) => {
      hungUp = closed(socket);
      socket.write(`${headers}1\r\nx\r\n`);
    }, write(FINE));
    const clock = new VirtualClock();
    const call = createFetch({ policy: waiting(3), clock })(url);
    // The wait for the retry, and the patience with the body.
    while (clock.pending < 2) await turn();
    await clock.advance(1000);
    expect(await (await call).text()).toBe("fine");
    await hungUp;
    expect(clock.pending).toBe(0);
  });
});

describe("a connection reset in the middle", () => {
  const ok = "HTTP/1.1 200 Yes\r\ncontent-length: 100\r\n";

  test.each([
    ["of the headers", ok],
    ["of a rejection's body", "HTTP/1.1 503 No\r\ncontent-length: 100\r\n\r\nsorry"],
  ])("%s is worth another attempt, and no more than the policy allows", async (_where, text) => {
    const { url, requests } = await hostile(hangUp(text));
    await retrying()(url).catch(() => {});
    expect(requests()).toBe(3);
  });

  test("of an answer's body is the reader's to hear: half of it may have been used", async () => {
    let cut = () => {};
    const { url, requests } = await hostile((socket) => {
      socket.write(`${ok}\r\nhalf`);
      cut = () => socket.resetAndDestroy();
    });
    const response = await retrying()(url);
    const body = response.text();
    cut();
    await expect(body).rejects.toThrow("terminated");
    expect(requests()).toBe(1);
  });
});

test("redirects in a circle are followed as often as fetch does, not three times as often", async () => {
  const { url, received } = await serve(answer(302, "", { location: "/" }));
  const error = await retrying()(url).catch((error) => error);
  expect(error.cause.message).toBe("redirect count exceeded");
  expect(received).toHaveLength(21);
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
    "rejection without end": hang("HTTP/1.1 503 No\r\ncontent-length: 9\r\n\r\nx"),
    "redirect in a circle": write("HTTP/1.1 302 Go\r\nlocation: /\r\nconnection: close\r\n\r\n"),
    fine: write("HTTP/1.1 200 Yes\r\nconnection: close\r\n\r\nfine"),
  };
  const clock = new SkippingClock();
  const attempts: number[] = [];
  const observer = { callEnded: (event: { attempts: number }) => attempts.push(event.attempts) };
  const fetch = createFetch({ policy: waiting(3), clock, observer, giveUp: "error" });
  const script = fc.array(fc.constantFrom(...Object.keys(acts)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(script, async (names) => {
      const { url, close } = await hostile(...names.map((name) => acts[name]));
      attempts.length = 0;
      const ending = await fetch(url).then(
        (response) => response.text(),
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
  expect((await fetch(well.url)).status).toBe(200);
});

const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

function retrying() {
  return createFetch({ policy: waiting(3), clock: new SkippingClock() });
}
