/** stormproof/shadow: what a policy would have done, while everything is done as before. */
export { createShadow, type Shadow, type ShadowOptions, type Watch } from "./create-shadow.ts";
export type { ShadowDecision } from "./shadow-call.ts";
export type { ShadowFigures } from "./shadow-figures.ts";
