/** What somebody meant who wrote something else. */
import { distance } from "fastest-levenshtein";
import type { z } from "zod";

/** The word that is meant, if one is near enough: the same but for unit, case and hyphens, or a few letters off. */
export function nearestTo(word: string, words: readonly string[]): string | undefined {
  const sameStem = words.find((other) => stem(other) === stem(word));
  if (sameStem !== undefined) return sameStem;
  const [nearest] = words.toSorted((a, b) => distance(word, a) - distance(word, b));
  const farthest = Math.max(2, Math.floor(word.length / 3));
  return nearest !== undefined && distance(word, nearest) <= farthest ? nearest : undefined;
}

/** "timeout", "timeout_ms" and "timeoutSeconds" are one stem: all mean "timeoutMs". */
function stem(word: string): string {
  return word
    .replace(/[-_ ]/g, "")
    .replace(/(?<=.)(Ms|ms|Millis|[Mm]illiseconds|S|[Ss]ecs?|[Ss]econds|Us|us|Micros|Ns)$/, "")
    .toLowerCase();
}

/** The paths of the keys of the schema with this name, such as "clients.timeoutMs": those that lie least deep. */
export function keysElsewhere(key: string, schema: z.core.$ZodType): string[] {
  const depth = (path: string) => path.split(".").length;
  const paths = [...new Set(keysOf(schema, ""))].filter((path) => path.split(".").at(-1) === key);
  const least = Math.min(...paths.map(depth));
  return paths.filter((path) => depth(path) === least);
}

function* keysOf(schema: z.core.$ZodType, prefix: string): Generator<string> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      for (const [key, child] of Object.entries(def.shape)) {
        yield `${prefix}${key}`;
        yield* keysOf(child, `${prefix}${key}.`);
      }
      break;
    case "array":
      yield* keysOf(def.element, prefix);
      break;
    case "union":
      for (const option of def.options) yield* keysOf(option, prefix);
      break;
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
      yield* keysOf(def.innerType, prefix);
      break;
    case "pipe":
      yield* keysOf(def.in, prefix);
      break;
  }
}
