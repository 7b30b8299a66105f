/** What goes wrong, and when. */
import { z } from "zod";
import { during, share } from "./quantities.ts";

export const Fault = z.discriminatedUnion("kind", [
  /** The server is gone: work in progress is lost, connections are refused. */
  z.strictObject({ kind: z.literal("outage"), ...during }),
  /** Work begun meanwhile takes `factor` times as long. */
  z.strictObject({ kind: z.literal("slowdown"), ...during, factor: z.number().min(1).max(10_000) }),
  /** A share of the requests, each by its own chance, is answered `status` on arrival. */
  z.strictObject({
    kind: z.literal("partial"),
    ...during,
    share,
    status: z.int().min(400).max(599),
  }),
]);
