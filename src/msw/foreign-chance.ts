/** The chance of code that is not ours: MSW, undici, and libraries with a jitter of their own. */
import { KeyedRandom, replaceSystemRandom } from "../random.ts";
import { currentCall } from "./lane-clock.ts";

/**
 * Seeds the global chance until the returned function is called: one stream a client, and one for what runs
 * on nobody's behalf, so that what the network draws changes no client's jitter.
 */
export function seedForeignChance(seed: number): () => void {
  const clients = new KeyedRandom(seed, "clients");
  const network = new KeyedRandom(seed, "network");
  const drawn = new Map<number | undefined, number>();
  return replaceSystemRandom(() => {
    const client = currentCall.getStore()?.client;
    const count = (drawn.get(client) ?? 0) + 1;
    drawn.set(client, count);
    return client === undefined
      ? network.key(0, count, 0).next()
      : clients.key(client, count, 0).next();
  });
}
