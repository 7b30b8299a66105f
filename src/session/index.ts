/** stormproof/session: for sessions that several calls, or clients, share. */
export { type SingleFlightOptions, singleFlight } from "./single-flight.ts";
