/** The numbers that a scenario is made of, within the bounds of what a run can hold. */
import { z } from "zod";

export const YEAR_MS = 31_536_000_000;

/** What the figures of a run, by time, fit into the memory of. */
const RUN_MAX_MS = 31 * 86_400_000;

export const runMs = z.number().min(1).max(RUN_MAX_MS);
export const ms = z.number().min(0).max(YEAR_MS);
export const share = z.number().min(0).max(1);
export const count = z.int().min(1).max(100_000_000);
export const errorStatus = z.int().min(400).max(599);
/** What begins at one time and is over at another. */
export const during = {
  fromMs: ms.describe("When it begins."),
  untilMs: ms.describe("When it is over: the first moment without it."),
};
