import { createRetry } from "stormproof";
import { hedging } from "stormproof/hedging";
import { budgeted, fullJitter, hedged } from "stormproof/policies";

const retry = createRetry({ policy: budgeted(hedged(fullJitter())), hedging });
console.log(await retry(({ attempt }) => `attempt ${attempt}`)); // => attempt 1
