/** How the server says no. */
import { z } from "zod";
import { errorStatus, ms } from "./quantities.ts";

export const retryAfterMs = ms
  .multipleOf(1000)
  .optional()
  .describe("What the Retry-After header says: whole seconds. Default: no header.");

export const Rejection = z
  .strictObject({
    status: errorStatus.default(503).describe("The HTTP status of a no."),
    retryAfterMs,
    costMs: ms.default(0).describe("What saying no takes of a worker's time; 0 is free."),
  })
  .describe("How a request is refused.");

export const ownRejection = Rejection.optional().describe(
  "How these are refused. Default: as the server refuses when it is full.",
);
