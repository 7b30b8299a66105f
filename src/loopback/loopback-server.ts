/** The server model behind a real node:http server, on the loopback interface and nowhere else. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { REQUEST_NAME_HEADER, readRequestName } from "../request-name.ts";
import { httpAnswer } from "../server/http-answer.ts";
import type { SelfDrivenServer } from "../server/self-driven-server.ts";

const ADDRESS = "127.0.0.1";

/** A burst that finds the queue of new connections full is tried again by TCP, a second later. */
const BACKLOG = 4096;

/** Longer than a run: a connection that closes as its next request comes is no failure of the model. */
const KEEP_ALIVE_MS = 600_000;

export class LoopbackServer {
  readonly #http: Server;

  constructor(model: SelfDrivenServer) {
    this.#http = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      void answer(model, request, response);
    });
  }

  /** Returns where: any port that is free. */
  async listen(): Promise<string> {
    this.#http.listen({ host: ADDRESS, port: 0, backlog: BACKLOG });
    await once(this.#http, "listening");
    const { port } = this.#http.address() as AddressInfo;
    return `http://${ADDRESS}:${port}/`;
  }

  /** With every connection. */
  async close(): Promise<void> {
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, "close");
  }
}

async function answer(
  model: SelfDrivenServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const left = new AbortController();
  response.once("close", () => left.abort());
  const field = request.headers[REQUEST_NAME_HEADER];
  const name = readRequestName(typeof field === "string" ? field : undefined);
  const found = httpAnswer(await model.receive(name, left.signal));
  if (found === undefined) response.destroy();
  else response.writeHead(found.status, { ...found.headers }).end();
}
