import { createFetch, type RetryingFetch, readAttempt, stopOf } from "stormproof/fetch";
import { vetted } from "stormproof/policies";

const answer: typeof fetch = async (_input, init) => {
  const { attempt } = readAttempt(new Headers(init?.headers)) ?? {};
  return new Response(`attempt ${attempt}`, { status: attempt === 1 ? 503 : 200 });
};
const retrying: RetryingFetch = createFetch({
  fetch: answer,
  policy: vetted({ delayBaseMs: 1 }),
  attemptHeaders: "always",
});

const response = await retrying("https://api.example.com/items/5", { retry: { timeoutMs: 1_000 } });
console.log(await response.text(), stopOf(response)); // => attempt 2 undefined
