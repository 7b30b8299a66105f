/**
 * Lets a policy file anywhere on disk import "stormproof" and "stormproof/policies": the names resolve
 * as they would inside this package, to its own `exports`.
 */
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    const isOurs = specifier === "stormproof" || specifier.startsWith("stormproof/");
    return next(specifier, isOurs ? { ...context, parentURL: import.meta.url } : context);
  },
});
