import { createRetry } from "stormproof";
import { sessionReset, vetted } from "stormproof/policies";
import { singleFlight } from "stormproof/session";

let built = 0;
const retry = createRetry({
  policy: sessionReset(vetted({ delayBaseMs: 1 })),
  resetSession: singleFlight(async () => {
    built++;
  }),
});
await retry(async ({ attempt }) => {
  if (attempt === 1) throw Object.assign(new Error("gone"), { status: 503 });
});
console.log(built); // => 1
