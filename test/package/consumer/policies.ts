import type { Policy } from "stormproof";
import { budgeted, fullJitter, type PolicyName, registry } from "stormproof/policies";

const policy: Policy = budgeted(fullJitter({ attemptsMax: 2 }), { ratio: 0.1, tokensMax: 10 });
const name: PolicyName = "vetted";
console.log(policy.name); // => budgeted(full-jitter)
console.log(registry[name].about); // => Full jitter, retry budget, deadline and Retry-After together.
