/** A server behind a real socket of this machine, and a clock that lets no test wait. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/clock.ts";

export interface Received {
  readonly method: string;
  readonly headers: IncomingMessage["headers"];
  /** Once it has all come; rejects when it breaks off. */
  readonly body: Promise<string>;
  readonly message: IncomingMessage;
}

type Answer = (response: ServerResponse, request: Received) => void;

export interface Server {
  readonly url: string;
  readonly received: Received[];
  /** Before the test is over: at its end it is closed anyway. */
  readonly close: () => void;
  /** The connections that were made. */
  readonly connections: () => number;
  /** Resolves when the n-th request has come. */
  readonly request: (n: number) => Promise<Received>;
}

/** Answers the first request with the first answer, and so on; the last answers all the others. */
export async function serve(...answers: Answer[]): Promise<Server> {
  const received: Received[] = [];
  const awaited = new Map<number, (request: Received) => void>();
  let connections = 0;
  const server = createServer((message, response) => {
    const body = read(message);
    body.catch(() => {});
    const request = { method: message.method ?? "", headers: message.headers, body, message };
    const n = received.push(request);
    awaited.get(n)?.(request);
    answers[Math.min(n, answers.length) - 1](response, request);
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    received,
    close,
    connections: () => connections,
    request: (n) =>
      new Promise((resolve) => {
        if (received.length >= n) resolve(received[n - 1]);
        else awaited.set(n, resolve);
      }),
  };
}

async function read(message: IncomingMessage): Promise<string> {
  message.setEncoding("utf8");
  let body = "";
  for await (const chunk of message) body += chunk;
  return body;
}

/** Answers when the request's body has come. */
export const answer =
  (status: number, body = "", headers: Record<string, string> = {}): Answer =>
  (response, request) => {
    request.body.then(
      () => response.writeHead(status, headers).end(body),
      () => {},
    );
  };

export const busy = answer(503, "busy");
export const fine = answer(200, "fine");
export const silent: Answer = () => {};
export const reset: Answer = (response) => response.socket?.resetAndDestroy();

/** Time passes as fast as somebody waits; limits on attempts pass never. */
export class SkippingClock implements Clock {
  /** All waits, in their order. */
  readonly waitsMs: number[] = [];
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    this.waitsMs.push(delayMs);
    await setImmediate();
    signal?.throwIfAborted();
    this.#nowMs += delayMs;
  }

  timeout(): () => void {
    return () => {};
  }
}
