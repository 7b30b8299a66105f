import { retry } from "stormproof";
import { type RecordedDecision, type TestMode, testMode } from "stormproof/testing";

const mode: TestMode = testMode({ attemptsMax: 2, seed: 5 });
const busy = () => Promise.reject(Object.assign(new Error("busy"), { status: 503 }));
const attempts: number = await retry(busy).catch((error) => error.attempts);
const first: RecordedDecision | undefined = mode.decisions[0];
mode.end();
console.log(attempts, first?.decision.do); // => 2 send
