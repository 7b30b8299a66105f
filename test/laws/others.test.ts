/** Which laws the other policies break, and the smallest storm in which each does. */
import { describe } from "vitest";
import { type PolicyName, registry } from "../../policies/index.ts";
import { specifyPolicy } from "./cells.ts";

const names = Object.keys(registry) as PolicyName[];

for (const name of names.filter((name) => !name.startsWith("vetted"))) {
  describe(name, () => specifyPolicy(name, false));
}
