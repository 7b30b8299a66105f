/** A scenario of one's own: a JSON file. Says which line and column is wrong. */
import { checkWritten, defineScenario, type Scenario, ScenarioError } from "../src/scenario.ts";
import { Complaint } from "./complaint.ts";
import { JsonText } from "./json-text.ts";
import { readReplays } from "./replays.ts";
import { readTextFile } from "./text-file.ts";

/** Enough for any plan; long recordings have files of their own. */
const BYTES_MAX = 16 * 2 ** 20;

/** @throws {Complaint} when there is no such file, it is not JSON, or not a scenario, or what it replays cannot be read */
export async function readScenarioFile(path: string): Promise<Scenario> {
  const json = new JsonText(path, readTextFile(path, "--scenario", BYTES_MAX));
  try {
    const written = checkWritten(json.value);
    return defineScenario(await readReplays(written, path));
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new Complaint(`${json.placeOf(error.path)}: ${error.message}`);
  }
}
