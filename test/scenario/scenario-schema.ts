/** The JSON Schema of a scenario as people write it: what an editor knows of it. */
import { z } from "zod";
import { WrittenScenarioSchema } from "../../src/scenario.ts";

export interface SchemaNode {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
}

/** Draft 7 is what editors know best. */
export const scenarioSchema = z.toJSONSchema(WrittenScenarioSchema, {
  io: "input",
  target: "draft-7",
  // What is a rule made of code for zod says itself what it is for editors.
  unrepresentable: "any",
});
