/** stormproof/session: for sessions that several calls, or clients, share. */
export { singleFlight } from "./single-flight.ts";
