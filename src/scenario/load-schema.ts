/** When new calls begin. */
import { z } from "zod";
import { ms } from "./quantities.ts";

export const Load = z.discriminatedUnion("kind", [
  z.strictObject({
    /** Calls come whatever happened to the last: a Poisson process of the given rate. */
    kind: z.literal("open"),
    /** The rate from each moment on; with `rampToPerSecond` it moves there by the next moment. */
    arrivals: z
      .array(
        z.strictObject({
          fromMs: ms,
          perSecond: z.number().min(0).max(10_000_000),
          rampToPerSecond: z.number().min(0).max(10_000_000).optional(),
        }),
      )
      .min(1),
  }),
  z.strictObject({
    /** Each client thinks (exponentially), calls, and thinks again when the call is over. */
    kind: z.literal("closed"),
    thinkMs: ms.min(1),
  }),
  z.strictObject({
    /** Each client makes one call, at a uniformly drawn moment of the window. */
    kind: z.literal("herd"),
    fromMs: ms,
    overMs: ms,
  }),
]);
