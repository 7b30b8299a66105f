/** stormproof/msw: an overloaded server for the MSW tests of an app. */
export type { Clock } from "../clock.ts";
export { ScenarioError, type ServerSpec } from "../scenario.ts";
export { type OverloadedServerOptions, overloadedServer } from "./overloaded-server.ts";
