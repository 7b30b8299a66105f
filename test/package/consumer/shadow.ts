import { createRetry } from "stormproof";
import { none, vetted } from "stormproof/policies";
import { createShadow, type Shadow, type ShadowDecision } from "stormproof/shadow";

const heard: ShadowDecision[] = [];
const shadow: Shadow = createShadow({ policy: vetted(), onDecision: (one) => heard.push(one) });
const call = createRetry({ policy: none(), observer: shadow });
const busy = () => Promise.reject(Object.assign(new Error("busy"), { status: 503 }));
await call(busy).catch(() => {});
console.log(heard[0]?.decision.do, shadow.figures.attemptsOfPolicy); // => wait 2
