import type { Numbers } from "../../src/scenario/numbers-schema.ts";
import type { LoadSpec, Scenario } from "../../src/scenario.ts";

/** The scenario with recordings that another process can be sent: memory is shared by threads only. */
export function inOwnMemory(scenario: Scenario): Scenario {
  const { load, traffics, server } = scenario;
  const { service } = server;
  return {
    ...scenario,
    load: ownLoad(load),
    traffics: traffics.map((traffic) => ({ ...traffic, load: ownLoad(traffic.load) })),
    server: {
      ...server,
      service:
        service.distribution === "recorded"
          ? { ...service, serviceMs: own(service.serviceMs) }
          : service,
    },
  };
}

function ownLoad(load: LoadSpec): LoadSpec {
  if (load.kind !== "recorded") return load;
  return { ...load, atMs: own(load.atMs), clients: load.clients && own(load.clients) };
}

function own(values: Numbers): Numbers {
  return Float64Array.from(values);
}
