/** What a test has put in the place of all clients of this process; see `stormproof/testing`. */
import type { Client } from "./client.ts";

let replace: ((client: Client) => Client) | undefined;

/** For one call. */
export function clientNow(client: Client): Client {
  return replace === undefined ? client : replace(client);
}

/** Undefined: nothing any more. */
export function replaceClients(by: typeof replace): void {
  replace = by;
}

/** By what; undefined when they are not. */
export function clientsReplacedBy(): typeof replace {
  return replace;
}
