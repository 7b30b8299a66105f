/** How requests wait for a worker. */
import { z } from "zod";
import { ms } from "./quantities.ts";

const places = z.int().min(0).max(100_000_000);

const CoDel = z
  .strictObject({
    targetMs: ms.default(5).describe("How long, once the queue was not empty for intervalMs."),
    intervalMs: ms.default(100).describe("How long else: a burst may be worked off in it."),
  })
  .optional()
  .describe(
    "Controlled delay: who has waited longer than this, when its turn comes, is rejected. Default: nobody.",
  );

export const Queue = z
  .strictObject({
    places: places
      .default(500)
      .describe("For requests that wait; a request that finds none is rejected."),
    order: z
      .enum(["fifo", "lifo", "adaptive-lifo"])
      .default("fifo")
      .describe("Who is served next: first, last, or last while more than lifoAbove wait."),
    lifoAbove: places
      .optional()
      .describe("Of adaptive-lifo, which needs it: how many may wait in order."),
    codel: CoDel,
    dropsExpired: z
      .boolean()
      .optional()
      .describe(
        "Whether a request whose client waits no longer is thrown out when its turn comes: requests then say how long it does. Default: false.",
      ),
  })
  .describe("Where requests wait for a worker.");
