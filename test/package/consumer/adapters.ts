import {
  createSteps,
  forAws,
  forAxios,
  forGot,
  forKy,
  forPRetry,
  stopOf,
} from "stormproof/adapters";
import { vetted } from "stormproof/policies";

const policy = vetted({ delayBaseMs: 1 });
const [input, { shouldRetry }] = forPRetry({ policy })(async (attempt) => `attempt ${attempt}`);
console.log(await input(1), shouldRetry()); // => attempt 1 false

const answer = async ({ headers }: { url: string; headers: Headers }) => ({
  status: 200,
  attempt: headers.get("retry-attempt"),
});
const send = forAxios(answer, { policy, attemptHeaders: "always" });
const { attempt } = await send({ url: "https://api.example.com/", headers: new Headers() });
console.log(attempt); // => 1
console.log(forGot({ policy }).retry.enforceRetryRules, forKy({ policy }).retry); // => false 0
console.log((await forAws({ policy }).acquireInitialRetryToken("")).getRetryCount()); // => 0

const call = createSteps({ policy }).begin();
const error = Object.assign(new Error("no"), { status: 400 });
console.log(await call.started(), await call.failed(error), stopOf(error)?.why); // => true false not-retryable
