/** The numbers that a scenario is made of, within the bounds of what a run can hold. */
import { z } from "zod";

export const ms = z.number().finite().min(0).max(31_536_000_000);
export const share = z.number().min(0).max(1);
export const count = z.int().min(1).max(100_000_000);
/** What begins at one time and is over at another; `untilMs` is the first moment without it. */
export const during = { fromMs: ms, untilMs: ms };
