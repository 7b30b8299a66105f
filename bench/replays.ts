/** From a scenario that names files to one that has what was recorded in them. */
import { dirname, isAbsolute, join } from "node:path";
import type { ScenarioInput, WrittenScenario } from "../src/scenario.ts";
import { Complaint } from "./complaint.ts";
import { clientColumn, timeColumn } from "./recording/cells.ts";
import { earliest, renumbered, rowsInRun, shared, sinceMs } from "./recording/in-run.ts";
import { readRecording } from "./recording/recording.ts";

type Load = ScenarioInput["load"];
type Server = NonNullable<ScenarioInput["server"]>;
type Service = NonNullable<Server["service"]>;
type Replay<Spec> = Extract<Spec, { file: string }>;

/**
 * @param path of the scenario file: the files it names are as seen from there
 * @throws {Complaint} when a file is not there, or does not hold what was expected
 */
export async function readReplays(written: WrittenScenario, path: string): Promise<ScenarioInput> {
  const { load, traffics, server, downstream, runMs } = written;
  const layers = downstream.map(async (layer, index) => ({
    ...layer,
    server: await recordedServer(layer.server, `downstream[${index}].server`, path),
  }));
  const readLoad = async (own: WrittenScenario["load"], field: string): Promise<Load> =>
    own.kind === "replay" ? await recordedLoad(own, runMs, `${field}load`, path) : own;
  const others = traffics.map(async (traffic, index) => ({
    ...traffic,
    load: await readLoad(traffic.load, `traffics[${index}].`),
  }));
  // All together: whatever fails while another is waited for would be nobody's.
  const [ownLoad, ownServer, ...rest] = await Promise.all([
    readLoad(load, ""),
    recordedServer(server, "server", path),
    Promise.all(others),
    Promise.all(layers),
  ]);
  return { ...written, load: ownLoad, server: ownServer, traffics: rest[0], downstream: rest[1] };
}

async function recordedServer(
  server: WrittenScenario["server"],
  field: string,
  path: string,
): Promise<Server> {
  const { service } = server;
  if (service.distribution !== "replay") return { ...server, service };
  return { ...server, service: await recordedService(service, `${field}.service`, path) };
}

async function recordedLoad(
  replay: Replay<Load>,
  runMs: number,
  field: string,
  path: string,
): Promise<Load> {
  const { file, timeUnit, timeZero, clientColumn: clientName } = replay;
  const time = timeColumn(replay.timeColumn, timeUnit);
  const columns = clientName === undefined ? [time] : [time, clientColumn(clientName)];
  const place = besideScenario(path, file);
  const { values, ...read } = await readRecording(place, `${field}.file of ${path}`, columns);
  const [times, clients] = values;
  const zeroMs = timeZero === undefined ? earliest(times) : time.read(timeZero);
  if (zeroMs === undefined) {
    throw new Complaint(
      `${path}: Expected ${field}.timeZero to be ${time.expected}, got "${timeZero}".`,
    );
  }
  const rows = rowsInRun(times, zeroMs, runMs);
  if (rows.length === 0) {
    throw new Complaint(
      `${place}: Expected times within ${runMs} ms of ${field}.timeZero, got none in ${read.rows} rows.`,
    );
  }
  return {
    kind: "recorded",
    atMs: shared(rows.length, (index) => sinceMs(times[rows[index]], zeroMs)),
    clients: clients === undefined ? undefined : renumbered(clients, rows),
    source: { file, ...read },
  };
}

async function recordedService(
  replay: Replay<Service>,
  field: string,
  path: string,
): Promise<Service> {
  const { file, timeUnit, meanMs } = replay;
  const columns = [timeColumn(replay.timeColumn, timeUnit)];
  const place = besideScenario(path, file);
  const { values, ...read } = await readRecording(place, `${field}.file of ${path}`, columns);
  const serviceMs = shared(read.rows, (row) => values[0][row]);
  return { distribution: "recorded", serviceMs, meanMs, source: { file, ...read } };
}

function besideScenario(path: string, file: string): string {
  return isAbsolute(file) ? file : join(dirname(path), file);
}
