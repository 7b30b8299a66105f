/** Lanes of real requests know one server. */
import type { Scenario } from "../scenario.ts";

/** @throws {RangeError} when the scenario has servers behind the server */
export function expectOneServer({ name, downstream }: Pick<Scenario, "name" | "downstream">): void {
  if (downstream.length === 0) return;
  const layers = downstream.map((layer) => `"${layer.name}"`).join(", ");
  throw new RangeError(
    `Expected scenario "${name}" to have no \`downstream\`, for only the simulator has chains, got ${layers}.`,
  );
}
