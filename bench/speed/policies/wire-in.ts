/**
 * From its import on, whoever imports `src/ask.ts` gets the hard-wired one: the same engine runs on both
 * sides of the comparison, and needs no door for it.
 */
import { registerHooks } from "node:module";

const ASK = new URL("../../../src/ask.ts", import.meta.url).href;
const HARD_WIRED = new URL("./hard-wired-ask.ts", import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const isToReplace = resolved.url === ASK && context.parentURL !== HARD_WIRED;
    return isToReplace ? { ...resolved, url: HARD_WIRED } : resolved;
  },
});
