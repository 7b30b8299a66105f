import { createRetry, RetryStopped } from "stormproof";
import { okOrThrow } from "stormproof/fetch";
import { vetted } from "stormproof/policies";

const retry = createRetry({ policy: vetted({ delayBaseMs: 1 }), timeoutMs: 1_000 });

const response: Response = await retry(({ attempt }) =>
  okOrThrow(new Response(`attempt ${attempt}`, { status: attempt === 1 ? 503 : 200 })),
);
console.log(await response.text()); // => attempt 2

const error: unknown = await retry(() => {
  throw Object.assign(new Error("no"), { status: 400 });
}).catch((error) => error);
if (error instanceof RetryStopped) console.log(error.why, error.attempts); // => not-retryable 1
