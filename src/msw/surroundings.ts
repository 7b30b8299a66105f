/** What a run changes in its process, and puts back: MSW over a blocked network, and the chance of others. */
import { http } from "msw";
import { setupServer } from "msw/node";
import { REQUEST_NAME_HEADER, type RequestName, readRequestName } from "../request-name.ts";
import { seedForeignChance } from "./foreign-chance.ts";
import { closeMockedSockets } from "./mocked-sockets.ts";
import { guardNetwork } from "./network-guard.ts";
import { turn } from "./virtual-time.ts";

/** Nobody is there: MSW answers. */
export const LANE_URL = "http://overloaded.test/";

export interface Surroundings {
  readonly seed: number;
  receive(name: RequestName, left: AbortSignal): Promise<Response>;
  /** Something got past the model: a request that nobody named, or a touch of the real network. */
  escaped(what: string): void;
}

/** Returns how to put everything back. */
export function surround({ seed, receive, escaped }: Surroundings): () => Promise<void> {
  const handler = http.get(LANE_URL, ({ request }) => {
    const name = readRequestName(request.headers.get(REQUEST_NAME_HEADER));
    if (name !== undefined) return receive(name, request.signal);
    return refuse(request);
  });
  const refuse = (request: Request) => {
    escaped(`an unhandled request went to ${request.url}`);
    return Response.error();
  };
  const unblockNetwork = guardNetwork((what) => escaped(`${what} was tried on the real network`));
  const stopClosing = closeMockedSockets();
  const restoreRandom = seedForeignChance(seed);
  const msw = setupServer(handler);
  msw.listen({
    onUnhandledFrame: ({ frame }) => {
      escaped(`an unhandled request (${frame.protocol}) left its client`);
      throw new Error("No request leaves the MSW lane.");
    },
  });
  return async () => {
    msw.close();
    restoreRandom();
    // The sockets that MSW has just let go are closed by the next turn.
    await turn();
    await turn();
    stopClosing();
    unblockNetwork();
  };
}
