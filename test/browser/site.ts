/** An origin on a socket of this machine: it serves the page its scripts, and answers all else as told. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (response: ServerResponse) => void;

interface Received {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

export class Site {
  /** What was asked of `url` since the last `answers`. */
  received: Received[] = [];
  #answers: readonly Answer[] = [];
  readonly #scripts: ReadonlyMap<string, string>;
  readonly #server = createServer(({ url = "", method = "", headers }, response) => {
    const script = this.#scripts.get(url);
    if (script !== undefined) return respond(response, "text/javascript", script);
    if (url === "/page")
      return respond(response, "text/html", "<!doctype html><title>page</title>");
    // Such as the icon that a browser looks for.
    if (url !== "/things") return response.writeHead(404).end();
    this.received.push({ method, headers });
    // Whatever a page of another origin asks for, it may.
    response.setHeader("access-control-allow-origin", "*");
    if (method === "OPTIONS") {
      response.setHeader("access-control-allow-headers", "*");
      response.setHeader("access-control-allow-methods", "*");
      return response.writeHead(204).end();
    }
    const n = this.received.filter((request) => request.method !== "OPTIONS").length;
    this.#answers[Math.min(n, this.#answers.length) - 1](response);
  });

  constructor(scripts: ReadonlyMap<string, string> = new Map()) {
    this.#scripts = scripts;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What its pages and those of others fetch. */
  get url(): string {
    return `${this.origin}/things`;
  }

  /** The first request gets the first, and so on; the last is for all the others. */
  answers(...answers: readonly Answer[]): void {
    this.#answers = answers;
    this.received = [];
  }

  methods(): string[] {
    return this.received.map(({ method }) => method);
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function respond(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { "content-type": type }).end(text);
}
